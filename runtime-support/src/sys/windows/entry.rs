//! The entry of the executable.

use super::api::SetConsoleOutputCP;

/// What the program writes to a console is UTF-8.
const CODE_PAGE_UTF8: u32 = 65001;

/// The entry: the first function of the process, on its own stack.
#[unsafe(export_name = "_start")]
unsafe extern "system" fn start() -> ! {
    // SAFETY: takes no pointers; without a console nothing happens. Nothing else has run.
    unsafe {
        SetConsoleOutputCP(CODE_PAGE_UTF8);
        crate::start::run()
    }
}
