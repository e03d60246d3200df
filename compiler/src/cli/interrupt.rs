//! Interrupts: a process that has something to clean up does so, and then ends by the signal itself, so that its
//! parent sees an interrupt and not a failure: shell loops stop, exit statuses are 130, 143 and 129.

use std::io;

use anyhow::{Context as _, Result};

use crate::output;

/// Makes interrupts end the process between writes, never during one.
///
/// # Errors
/// If handlers can't be installed.
pub fn end_cleanly() -> Result<()> {
    end_after(output::settle).context("can't handle interrupts")
}

/// Calls `clean_up` at the first SIGINT, SIGTERM or SIGHUP, and then ends the process by that signal. What `clean_up`
/// returns, such as locks, is kept until then. A signal that is ignored when the process starts (by `nohup`, or in
/// the background of a script) stays ignored. Programs that this process starts or executes get the default handlers.
///
/// # Errors
/// If handlers can't be installed.
#[cfg(unix)]
fn end_after<K>(clean_up: impl FnOnce() -> K + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let handled = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new(handled)?;
    std::thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        let _kept = clean_up();
        // The system applies no default handlers to process 1 of a container.
        if std::process::id() != 1 {
            let _ = emulate_default_handler(signal);
        }
        std::process::exit(128 + signal)
    })?;
    Ok(())
}

#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: `action` has room for the result, and all zeros are a valid value of it, should the call fail; nothing
    // is set.
    let action = unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// Like on Unix, for console interrupts.
///
/// # Errors
/// If the handler can't be installed.
#[cfg(not(unix))]
fn end_after<K>(clean_up: impl FnOnce() -> K + Send + 'static) -> io::Result<()> {
    let mut clean_up = Some(clean_up);
    let handler = move || {
        if let Some(clean_up) = clean_up.take() {
            let _kept = clean_up();
            // The exit code that the system's own handler uses: STATUS_CONTROL_C_EXIT.
            std::process::exit(0xc000_013a_u32 as i32)
        }
    };
    ctrlc::set_handler(handler).map_err(io::Error::other)
}
