//! Where the lines of a backtrace go: to standard error, in a library to a buffer of the instance.

use wasm_aot_abi::library::Instance;

use crate::line::Line;

#[derive(Clone, Copy)]
pub struct Output {
    #[cfg(feature = "libraries")]
    instance: *mut Instance,
}

#[cfg(not(feature = "libraries"))]
impl Output {
    #[inline(always)]
    pub fn new(_: *mut Instance) -> Output {
        Output {}
    }

    #[inline(always)]
    pub fn put<const SIZE: usize>(self, line: &mut Line<SIZE>) {
        line.print();
    }
}

#[cfg(feature = "libraries")]
impl Output {
    pub fn new(instance: *mut Instance) -> Output {
        Output { instance }
    }

    /// Adds a line, if there is room for it.
    pub fn put<const SIZE: usize>(self, line: &mut Line<SIZE>) {
        let Output { instance } = self;
        let line = line.finished();
        // SAFETY: this thread is in the instance, whose buffer nobody else uses.
        unsafe {
            let start = (*instance).backtrace_length as usize;
            if (*instance).backtrace_capacity as usize - start >= line.len() {
                let place = ((*instance).backtrace as *mut u8).add(start);
                place.copy_from_nonoverlapping(line.as_ptr(), line.len());
                (*instance).backtrace_length += line.len() as u32;
            }
        }
    }
}
