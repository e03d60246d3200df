//! What catches exceptions at each place of a function. The handlers of a place are asked in order, the innermost first;
//! one that follows another with the same tag, or one for all tags, is never asked and isn't listed. So the list at a call
//! is no longer than the tags are many, however deep clauses are nested.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use cranelift_codegen::ir::Block;

use crate::program::TagId;

/// A clause that catches exceptions with this tag, all without one. `landing` takes the address of the exception, which
/// is in the heap if the handler is to `keep` it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub tag: Option<TagId>,
    pub keep: bool,
    pub landing: Block,
}

enum Own {
    /// The clauses of a `try`, in their order. What they don't catch goes on outward.
    Catch(Vec<Handler>),
    /// The search goes on with as many of the outermost frames.
    Delegate(usize),
}

/// A frame that has handlers.
struct Frame {
    own: Own,
    /// The handlers inside the frame, once they have been asked for.
    active: OnceCell<Rc<[Handler]>>,
}

/// The frames around the current place that have handlers, the innermost last.
#[derive(Default)]
pub struct Handlers {
    frames: Vec<Frame>,
}

impl Handlers {
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Leaves all frames but as many of the outermost.
    pub fn truncate(&mut self, length: usize) {
        self.frames.truncate(length);
    }

    /// Enters a frame with these clauses.
    pub fn catch(&mut self, clauses: Vec<Handler>) {
        if !clauses.is_empty() {
            self.frames.push(Frame { own: Own::Catch(clauses), active: OnceCell::new() });
        }
    }

    /// Enters a frame whose exceptions go to as many of the outermost frames.
    pub fn delegate(&mut self, frames: usize) {
        self.frames.push(Frame { own: Own::Delegate(frames), active: OnceCell::new() });
    }

    /// The handlers of the current place, in the order in which they are asked.
    pub fn active(&self) -> Rc<[Handler]> {
        match self.frames.last() {
            None => Rc::new([]),
            Some(frame) => frame.active.get_or_init(|| self.search()).clone(),
        }
    }

    fn search(&self) -> Rc<[Handler]> {
        let mut found = Found::default();
        let mut rest = self.frames.len();
        while let Some(frame) = rest.checked_sub(1).map(|index| &self.frames[index]) {
            rest -= 1;
            if let Some(known) = frame.active.get() {
                found.add(known);
                break;
            }
            match &frame.own {
                Own::Delegate(frames) => rest = *frames,
                Own::Catch(clauses) => {
                    if found.add(clauses) {
                        break;
                    }
                }
            }
        }
        found.handlers.into()
    }
}

#[derive(Default)]
struct Found {
    handlers: Vec<Handler>,
    tags: HashSet<TagId>,
}

impl Found {
    /// Adds handlers that are asked after those that are there. Whether one of them catches everything.
    fn add(&mut self, handlers: &[Handler]) -> bool {
        for handler in handlers {
            if handler.tag.is_none_or(|tag| self.tags.insert(tag)) {
                self.handlers.push(*handler);
            }
            if handler.tag.is_none() {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use cranelift_entity::EntityRef;

    use super::*;

    fn handler(tag: Option<u32>, landing: usize) -> Handler {
        Handler { tag: tag.map(TagId::from_u32), keep: false, landing: Block::new(landing) }
    }

    fn landings(handlers: &Handlers) -> Vec<usize> {
        handlers.active().iter().map(|handler| handler.landing.index()).collect()
    }

    #[test]
    fn shadowed_clauses_are_left_out() {
        let mut handlers = Handlers::default();
        assert!(landings(&handlers).is_empty());
        handlers.catch(vec![handler(Some(0), 1), handler(Some(1), 2), handler(Some(0), 3)]);
        assert_eq!(landings(&handlers), [1, 2]);
        handlers.catch(Vec::new());
        handlers.catch(vec![handler(Some(1), 4)]);
        assert_eq!(landings(&handlers), [4, 1]);
        handlers.catch(vec![handler(Some(2), 5), handler(None, 6), handler(Some(3), 7)]);
        handlers.catch(vec![handler(Some(3), 8)]);
        assert_eq!(landings(&handlers), [8, 5, 6]);
        handlers.truncate(2);
        assert_eq!(landings(&handlers), [4, 1]);
    }

    #[test]
    fn delegates_skip_frames() {
        let mut handlers = Handlers::default();
        handlers.catch(vec![handler(Some(0), 1)]);
        handlers.catch(vec![handler(None, 2)]);
        handlers.delegate(1);
        assert_eq!(landings(&handlers), [1]);
        handlers.catch(vec![handler(Some(1), 3)]);
        assert_eq!(landings(&handlers), [3, 1]);
        handlers.delegate(0);
        assert!(landings(&handlers).is_empty());
    }

    #[test]
    fn one_tag_is_one_handler_at_any_depth() {
        let mut handlers = Handlers::default();
        for depth in 0..1000 {
            handlers.catch(vec![handler(Some(0), depth)]);
            if depth % 2 == 0 {
                assert_eq!(landings(&handlers), [depth]);
            }
        }
        assert_eq!(landings(&handlers), [999]);
    }
}
