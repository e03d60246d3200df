//! Where the current lengths of droppable segments are stored, and which segments are evaluated at run time.

use std::collections::{HashMap, HashSet};

use crate::parse::{DataIndex, ElementIndex, SegmentKind};
use crate::program::{InitStep, InstanceId, Program};

#[derive(Default)]
pub struct Segments {
    /// The position of a passive segment's current length in `Symbol::SegmentLengths`.
    data_slots: HashMap<(InstanceId, DataIndex), u32>,
    element_slots: HashMap<(InstanceId, ElementIndex), u32>,
    /// Initial contents of `Symbol::SegmentLengths`.
    pub lengths: Vec<u64>,
    /// Element segments whose values are evaluated when the instance is instantiated.
    late: HashSet<(InstanceId, ElementIndex)>,
}

impl Segments {
    pub fn new(program: &Program<'_>) -> Segments {
        let mut segments = Segments::default();
        for (id, instance) in &program.instances {
            for step in &instance.init {
                if let InitStep::Values(segment) = step {
                    segments.late.insert((id, *segment));
                }
            }
            for (index, data) in &instance.module.data {
                if matches!(data.kind, SegmentKind::Passive) && !instance.dropped_data.contains(index) {
                    let slot = segments.add(data.bytes.len());
                    segments.data_slots.insert((id, index), slot);
                }
            }
            for (index, elements) in &instance.module.elements {
                if matches!(elements.kind, SegmentKind::Passive) && !instance.dropped_elements.contains(index)
                {
                    let slot = segments.add(elements.items.len());
                    segments.element_slots.insert((id, index), slot);
                }
            }
        }
        segments
    }

    fn add(&mut self, length: usize) -> u32 {
        self.lengths.push(length as u64);
        self.lengths.len() as u32 - 1
    }

    /// Whether an element segment is evaluated when the instance is instantiated.
    pub fn has_late_values(&self, instance: InstanceId, index: ElementIndex) -> bool {
        self.late.contains(&(instance, index))
    }

    /// Byte offset of a data segment's length, or none if its length is 0 once the instance runs: an active
    /// segment is dropped after it has been applied, a passive one may have been before.
    pub fn data_length(&self, instance: InstanceId, index: DataIndex) -> Option<i32> {
        self.data_slots.get(&(instance, index)).map(|slot| *slot as i32 * 8)
    }

    /// Like `data_length`, for an element segment, in elements.
    pub fn element_length(&self, instance: InstanceId, index: ElementIndex) -> Option<i32> {
        self.element_slots.get(&(instance, index)).map(|slot| *slot as i32 * 8)
    }
}
