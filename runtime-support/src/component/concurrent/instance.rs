//! What the tasks of a component instance share.

use wasm_aot_abi::component::ComponentInstance;
use wasm_aot_abi::concurrent::TaskInstance;

use crate::component::violation::check_may_leave;

/// A component instance whose functions run in tasks. Programs of components have one thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Instance(*mut TaskInstance);

impl Instance {
    /// # Safety
    /// It is the compiler's structure.
    pub unsafe fn new(tasks: *mut TaskInstance) -> Instance {
        Instance(tasks)
    }

    /// To be called first by each built-in that may not be called while the instance allocates or after it has returned.
    pub fn check(self) {
        check_may_leave(self.component());
    }

    /// The compiler's structure.
    pub fn tasks(self) -> *mut TaskInstance {
        self.0
    }

    /// Does something during which the instance may not call out.
    pub fn without_leaving(self, action: impl FnOnce()) {
        // SAFETY: the compiler's structures; programs of components have one thread.
        unsafe { *self.component().may_leave = 0 };
        action();
        // SAFETY: as above.
        unsafe { *self.component().may_leave = 1 };
    }

    /// The instance, with its handles: until compiled code runs again.
    pub fn component(self) -> &'static mut ComponentInstance {
        // SAFETY: the compiler's structures, as `new` says; there is one thread.
        unsafe { &mut *(*self.0).instance }
    }

    /// Tells compiled code whether the task that runs may wait.
    pub fn set_may_block(self, may_block: bool) {
        // SAFETY: as in `component`; a global of compiled code.
        unsafe { *(*self.0).may_block = may_block.into() };
    }

    /// Whether a task of the instance runs or waits in a call, so that no other may run.
    pub fn is_exclusive(self) -> bool {
        // SAFETY: as in `component`.
        unsafe { (*self.0).exclusive != 0 }
    }

    pub fn set_exclusive(self, exclusive: bool) {
        // SAFETY: as in `component`.
        unsafe { (*self.0).exclusive = exclusive.into() };
    }

    /// Whether the instance wants no more tasks for the moment.
    pub fn has_backpressure(self) -> bool {
        // SAFETY: as in `component`.
        unsafe { (*self.0).backpressure != 0 }
    }

    /// Changes the counter of backpressure; whether that is possible.
    pub fn count_backpressure(self, change: fn(u64) -> Option<u64>) -> bool {
        // SAFETY: as in `component`.
        let counter = unsafe { &mut (*self.0).backpressure };
        let changed = change(*counter);
        *counter = changed.unwrap_or(*counter);
        changed.is_some()
    }
}
