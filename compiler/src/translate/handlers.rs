//! What catches exceptions at each place in a function. The handlers of a place are tried in order, the innermost
//! first; one that follows another with the same tag, or one for all tags, is never tried and isn't listed. So the list
//! at a call is no longer than the number of tags, however deeply clauses are nested.
//!
//! If even that is long, a call has only one handler, for all exceptions, which searches for the right one: see
//! `Translator::dispatch`. Otherwise n calls in the scope of n clauses would need n² entries and branches.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use cranelift_codegen::ir::Block;

use crate::program::TagId;

/// A clause that catches exceptions with this tag, or all exceptions if there is none. `landing` takes the address of
/// the exception, which is in the heap if the handler `keep`s it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub tag: Option<TagId>,
    pub keep: bool,
    pub landing: Block,
}

/// The maximum number of handlers that are listed at a call.
const LISTED: usize = 64;

/// The handlers of a call.
#[derive(Clone)]
pub enum Active {
    /// The handlers, in the order in which they are tried.
    Listed(Rc<[Handler]>),
    /// There are too many to list.
    Many,
}

enum Own {
    /// The clauses of a `try`, in order. What they don't catch propagates outward.
    Catch(Vec<Handler>),
    /// The search continues with this many of the outermost frames.
    Delegate(usize),
}

/// A frame that has handlers.
struct Frame {
    own: Own,
    /// The handlers that apply inside the frame, once they have been computed.
    active: OnceCell<Active>,
    /// The block where the search for one of many handlers starts.
    dispatch: OnceCell<Block>,
}

impl Frame {
    fn new(own: Own) -> Frame {
        Frame { own, active: OnceCell::new(), dispatch: OnceCell::new() }
    }
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

    /// Leaves frames until the `length` outermost ones remain.
    pub fn truncate(&mut self, length: usize) {
        self.frames.truncate(length);
    }

    /// Enters a frame with these clauses.
    pub fn catch(&mut self, clauses: Vec<Handler>) {
        if !clauses.is_empty() {
            self.frames.push(Frame::new(Own::Catch(clauses)));
        }
    }

    /// Enters a frame whose exceptions go to the `frames` outermost frames.
    pub fn delegate(&mut self, frames: usize) {
        self.frames.push(Frame::new(Own::Delegate(frames)));
    }

    /// The handlers of the current place.
    pub fn active(&self) -> Active {
        match self.frames.last() {
            None => Active::Listed(Rc::new([])),
            Some(frame) => frame.active.get_or_init(|| self.search()).clone(),
        }
    }

    fn search(&self) -> Active {
        let mut found = Found::default();
        let mut rest = self.frames.len();
        while let Some(index) = self.outward(rest) {
            match self.frames[index].active.get() {
                Some(Active::Many) => return Active::Many,
                Some(Active::Listed(known)) => {
                    found.add(known);
                    break;
                }
                None => {}
            }
            if found.add(self.clauses(index)) {
                break;
            }
            if found.handlers.len() > LISTED {
                return Active::Many;
            }
            rest = index;
        }
        if found.handlers.len() > LISTED { Active::Many } else { Active::Listed(found.handlers.into()) }
    }

    /// What catches exceptions with this tag here.
    pub fn find(&self, tag: TagId) -> Option<Handler> {
        let frames = std::iter::successors(self.outward(self.frames.len()), |index| self.outward(*index));
        let mut handlers = frames.flat_map(|index| self.clauses(index));
        handlers.find(|handler| handler.tag.is_none_or(|caught| caught == tag)).copied()
    }

    /// The innermost of the `frames` outermost frames that has clauses of its own and is searched.
    pub fn outward(&self, mut frames: usize) -> Option<usize> {
        loop {
            let index = frames.checked_sub(1)?;
            match self.frames[index].own {
                Own::Catch(_) => return Some(index),
                Own::Delegate(others) => frames = others,
            }
        }
    }

    /// The clauses of a frame.
    pub fn clauses(&self, frame: usize) -> &[Handler] {
        match &self.frames[frame].own {
            Own::Catch(clauses) => clauses,
            Own::Delegate(_) => &[],
        }
    }

    /// The block where the search for the handler starts in a frame, if it has been created.
    pub fn dispatch(&self, frame: usize) -> Option<Block> {
        self.frames[frame].dispatch.get().copied()
    }

    pub fn set_dispatch(&mut self, frame: usize, block: Block) {
        self.frames[frame].dispatch = OnceCell::from(block);
    }
}

#[derive(Default)]
struct Found {
    handlers: Vec<Handler>,
    tags: HashSet<TagId>,
}

impl Found {
    /// Adds handlers that are tried after those already listed. Returns whether one of them catches
    /// everything.
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
        let Active::Listed(active) = handlers.active() else { panic!("they aren't many") };
        active.iter().map(|handler| handler.landing.index()).collect()
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

    #[test]
    fn many_handlers_are_not_listed() {
        let mut handlers = Handlers::default();
        for tag in 0..LISTED {
            handlers.catch(vec![handler(Some(tag as u32), tag)]);
        }
        assert_eq!(landings(&handlers).len(), LISTED);
        handlers.delegate(1);
        assert_eq!(landings(&handlers), [0]);
        handlers.truncate(LISTED);
        handlers.catch(vec![handler(Some(1000), 1000)]);
        assert!(matches!(handlers.active(), Active::Many));
        let found = |handlers: &Handlers, tag| handlers.find(TagId::from_u32(tag)).map(|h| h.landing.index());
        assert_eq!(found(&handlers, 3), Some(3));
        assert_eq!(found(&handlers, 999), None);
        handlers.catch(vec![handler(Some(3), 2000), handler(None, 2001)]);
        assert_eq!(landings(&handlers), [2000, 2001]);
        assert_eq!((found(&handlers, 3), found(&handlers, 4)), (Some(2000), Some(2001)));
    }
}
