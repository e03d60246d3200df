//! Which entries are kept: functions that were compiled, variables, what these refer to, and what all of it is in.

use super::survey::{Class, NONE, Survey};

/// A unit among the others.
pub struct Surveyed {
    /// Its offset in `.debug_info`.
    pub start: u32,
    pub survey: Survey,
}

/// The units of a module, and which of their entries are kept.
pub struct Marks {
    /// Ascending by offset.
    pub units: Vec<Surveyed>,
    flags: Vec<Vec<u8>>,
}

const KEPT: u8 = 1;
const HAS_CHILDREN: u8 = 2;

impl Marks {
    /// Chooses among the entries of units.
    pub fn new(units: Vec<Surveyed>) -> Marks {
        let flags = units.iter().map(|unit| vec![0; unit.survey.entries.len()]).collect();
        let mut marks = Marks { units, flags };
        let mut pending = Vec::new();
        for (number, unit) in (0..).zip(&marks.units) {
            let entries = || (0..).zip(&unit.survey.entries);
            let has_code = entries().any(|(_, entry)| matches!(entry.class, Class::Function(_)));
            let is_root = |class: Class| match class {
                Class::Function(_) | Class::Static => true,
                Class::Wanted => has_code,
                _ => false,
            };
            pending.extend(
                entries().filter(|(_, entry)| is_root(entry.class)).map(|(index, _)| (number, index)),
            );
        }
        while let Some((unit, index)) = pending.pop() {
            marks.keep(unit, index, &mut pending);
        }
        marks
    }

    fn keep(&mut self, number: u32, index: u32, pending: &mut Vec<(u32, u32)>) {
        let survey = &self.units[number as usize].survey;
        let entry = survey.entries[index as usize];
        let parent_class = survey.entries.get(entry.parent as usize).map(|parent| parent.class);
        let has_no_contents = matches!(parent_class, Some(Class::Gone | Class::Dead));
        let is_type =
            matches!(entry.class, Class::Standalone | Class::Wanted | Class::Function(_) | Class::Dead);
        if entry.class == Class::Gone || has_no_contents && !is_type {
            return;
        }
        let flags = &mut self.flags[number as usize];
        if flags[index as usize] & KEPT != 0 {
            return;
        }
        flags[index as usize] |= KEPT;
        // What is in an entry that is left out is in the one around that.
        let mut parent = entry.parent;
        while parent != NONE && survey.entries[parent as usize].class == Class::Gone {
            parent = survey.entries[parent as usize].parent;
        }
        if parent != NONE {
            flags[parent as usize] |= HAS_CHILDREN;
            pending.push((number, parent));
        }
        let located = survey.references(index).iter().filter_map(|offset| self.locate(*offset));
        pending.extend(located);
        if entry.class != Class::Dead {
            let is_part =
                |child: &u32| matches!(survey.entries[*child as usize].class, Class::Owned | Class::Scope);
            // The root's are there for their own sake.
            if entry.parent != NONE {
                pending.extend(survey.children(index).filter(is_part).map(|child| (number, child)));
            }
        }
    }

    /// The number of the unit and the index of the entry at an offset in `.debug_info`.
    pub fn locate(&self, offset: u32) -> Option<(u32, u32)> {
        let number = self.units.partition_point(|unit| unit.start <= offset).checked_sub(1)?;
        let unit = &self.units[number];
        Some((number as u32, unit.survey.index(offset - unit.start)?))
    }

    pub fn is_kept(&self, unit: u32, index: u32) -> bool {
        self.flags[unit as usize][index as usize] & KEPT != 0
    }

    /// Whether any entry that is kept is in this one.
    pub fn has_children(&self, unit: u32, index: u32) -> bool {
        self.flags[unit as usize][index as usize] & HAS_CHILDREN != 0
    }
}
