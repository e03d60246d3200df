//! From where in a function's code to where what DWARF names can be read, and how.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use cranelift_entity::EntityRef as _;

use crate::codegen::{At, Available, Formula, Kind, Known, Values};
use crate::debug::address::{Bodies, Code};
use crate::parse::GlobalIndex;
use crate::program::{GlobalId, Instance};
use crate::translate::Subject;

/// Something that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    Value(Subject),
    Global(u32),
}

/// How to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub kind: Kind,
    pub read: Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    Constant(u64),
    /// What is there plus a number.
    Place(At, i64),
    Global(GlobalId, i64),
}

/// Ascending ranges of code, each with how to read what it is about.
pub type Timeline = Vec<(Range<u32>, Source)>;

/// The timelines of a function, made when they are needed.
pub struct Timelines {
    made: RefCell<HashMap<Operand, Rc<Timeline>>>,
    /// How much work may still be done for the function: DWARF could name each of its variables a million times.
    work: Cell<usize>,
}

/// Work for each byte of code.
const WORK_PER_BYTE: usize = 64;

impl Timelines {
    /// For a function with so many bytes of code.
    pub fn new(bytes: usize) -> Timelines {
        let work = Cell::new((bytes + 4096) * WORK_PER_BYTE);
        Timelines { made: RefCell::new(HashMap::new()), work }
    }

    /// Does so much work; none if it is too much.
    pub fn work(&self, amount: usize) -> Option<()> {
        let left = self.work.get().checked_sub(amount);
        self.work.set(left.unwrap_or(0));
        left.map(|_| ())
    }

    /// The work that may still be done.
    pub fn left(&self) -> usize {
        self.work.get()
    }

    pub fn get(
        &self,
        operand: Operand,
        code: &Code<'_>,
        bodies: &Bodies,
        instance: &Instance<'_>,
    ) -> Rc<Timeline> {
        if let Some(made) = self.made.borrow().get(&operand) {
            return Rc::clone(made);
        }
        let values = &code.function.values;
        let made = Rc::new(match operand {
            Operand::Value(subject) => self.of_subject(subject, values, code, bodies).unwrap_or_default(),
            Operand::Global(index) => of_global(index, values, code.bytes(), instance),
        });
        self.made.borrow_mut().insert(operand, Rc::clone(&made));
        made
    }

    /// None if it takes too much work.
    fn of_subject(
        &self,
        subject: Subject,
        values: &Values,
        code: &Code<'_>,
        bodies: &Bodies,
    ) -> Option<Timeline> {
        let first = values.known.partition_point(|(other, ..)| *other < subject);
        let last = values.known.partition_point(|(other, ..)| *other <= subject);
        let mut parts: Vec<(Range<u32>, Known)> = Vec::new();
        for (_, range, known) in &values.known[first..last] {
            let offset = |offset| u64::from(offset).saturating_sub(bodies.code_start);
            let pieces = code.pieces(&(offset(range.start)..offset(range.end)));
            self.work(1 + pieces.len())?;
            parts.extend(pieces.iter().map(|(_, range)| (range.clone(), *known)));
        }
        parts.sort_unstable_by_key(|(range, _)| range.start);
        parts.dedup_by(|(next, is), (range, was)| {
            let joins = range.end == next.start && is == was;
            if joins {
                range.end = next.end;
            }
            joins
        });
        let mut sweeps: HashMap<u32, Sweep<'_>> = HashMap::new();
        let mut timeline = Timeline::new();
        for (range, Known { kind, formula }) in parts {
            match formula {
                Formula::Constant(bits) => {
                    push(&mut timeline, range, Source { kind, read: Read::Constant(bits) });
                }
                Formula::Sum { root, addend } => {
                    let sweep = sweeps.entry(root).or_insert_with(|| Sweep::new(values, root));
                    sweep.cover(range, kind, addend, &mut timeline);
                }
            }
        }
        Some(timeline)
    }
}

/// A global can be read where its value is that which it had when the function began; functions that are called have other
/// values in it.
fn of_global(index: u32, values: &Values, bytes: u32, instance: &Instance<'_>) -> Timeline {
    let Some(global) = instance.globals.get(GlobalIndex::new(index as usize)) else { return Vec::new() };
    let fixed = values.written.as_ref().is_some_and(|written| !written.contains(global));
    let source = Source { kind: Kind::I32, read: Read::Global(*global, 0) };
    if fixed { vec![(0..bytes, source)] } else { Vec::new() }
}

/// Adds a range, which isn't before the last one.
fn push(timeline: &mut Timeline, range: Range<u32>, source: Source) {
    match timeline.last_mut() {
        Some((last, same)) if last.end == range.start && *same == source => last.end = range.end,
        _ => timeline.push((range, source)),
    }
}

/// Goes through the places of a root, in the order of the code.
struct Sweep<'v> {
    places: &'v [Available],
    next: usize,
    active: Vec<&'v Available>,
    global: Option<GlobalId>,
}

impl<'v> Sweep<'v> {
    fn new(values: &'v Values, root: u32) -> Sweep<'v> {
        let global = values.globals.iter().find(|(other, _)| *other == root).map(|(_, global)| *global);
        Sweep { places: values.places.of(root), next: 0, active: Vec::new(), global }
    }

    /// Adds the sources of the root plus a number in a range, which isn't before the last one.
    fn cover(&mut self, range: Range<u32>, kind: Kind, addend: i64, timeline: &mut Timeline) {
        while let Some(place) = self.places.get(self.next).filter(|place| place.code.start < range.end) {
            self.active.push(place);
            self.next += 1;
        }
        self.active.retain(|place| place.code.end > range.start);
        let source = |place: &Available| {
            let difference = addend.wrapping_sub(place.addend);
            let difference = if kind == Kind::I32 { i64::from(difference as i32) } else { difference };
            Source { kind, read: Read::Place(place.at, difference) }
        };
        let mut start = range.start;
        while start < range.end {
            let last = timeline.last().map(|(_, source)| *source);
            // The same place as before, then the value itself, then whatever lasts longest.
            let rank = |place: &&&Available| {
                let source = source(place);
                let plain = matches!(source.read, Read::Place(_, 0));
                (Some(source) == last && plain, plain, Some(source) == last, place.code.end)
            };
            let usable = self.active.iter().filter(|place| place.code.contains(&start));
            if let Some(place) = usable.max_by_key(rank) {
                let end = place.code.end.min(range.end);
                push(timeline, start..end, source(place));
                start = end;
                continue;
            }
            let next = self.active.iter().map(|place| place.code.start).filter(|next| *next > start).min();
            let end = next.unwrap_or(range.end).min(range.end);
            if let Some(global) = self.global {
                push(timeline, start..end, Source { kind, read: Read::Global(global, addend) });
            }
            start = end;
        }
    }
}
