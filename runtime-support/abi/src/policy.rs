//! The sandbox policy baked into an executable: what the program was given, and its limits.
//!
//! The [`Policy`] has a section of its own, [`SECTION`], so that it can be found in the executable:
//! `wasm-aot inspect` reads the very data that the runtime reads.

use core::mem::offset_of;

use crate::bundle::Bundles;
use crate::network::Network;
use crate::shared::shared;

/// The section of the [`Policy`].
pub const SECTION: &str = ".wasm_aot.policy";

/// In PE executables it is in another section. There, this mark is in a field of the DOS header that nothing uses
/// (`e_res2`), at the offset [`PE_MARK_AT`], with the address of the policy in the image behind it, as 4 bytes.
pub const PE_MARK: [u8; 8] = *b"wasm-aot";
pub const PE_MARK_AT: usize = 0x28;

shared! {
    /// A byte string in read-only data. Not terminated.
    #[derive(Clone, Copy)]
    pub struct Bytes<P> {
        pub data: P::Const<u8>,
        pub length: u64,
    }

    /// What the program is granted.
    pub struct Policy<P> {
        /// [`Policy::VERSION`]: tells the layouts of different versions of the compiler apart.
        pub version: u64,
        /// A set of the flags below.
        pub flags: u64,
        /// Directories, in the order in which the guest sees them, from descriptor 3 on if there are no
        /// listeners.
        pub dirs: P::Const<DirGrant<P>>,
        pub dir_count: u64,
        /// `KEY=VALUE` strings.
        pub env: P::Const<Bytes<P>>,
        pub env_count: u64,
        /// What the guest sees as its argument 0 if `ARG0` is set; otherwise it sees the name that it was
        /// started by.
        pub arg0: Bytes<P>,
        /// Size of the stack for Wasm code in bytes, without the guard.
        pub stack_size: u64,
        /// Other limits, or null.
        pub limits: P::Const<Limits<P>>,
        /// Opens the grants at start-up: `symbols::OPEN_LISTENERS` if there are `listeners`, otherwise
        /// `symbols::OPEN_GRANTS` if there can be directories, otherwise null.
        pub open_grants: Option<P::Code<extern "C" fn()>>,
        /// Reads the directories that the user grants: `symbols::READ_USER_DIRS`, or null if the policy is
        /// locked or the program has no use for directories.
        pub read_user_dirs: Option<P::Code<extern "C" fn()>>,
        /// Opens what `--native` grants: `symbols::OPEN_NATIVE`, or null.
        pub open_native: Option<P::Code<extern "C" fn()>>,
        /// Addresses to listen on; their descriptors come before those of the directories.
        pub listeners: P::Const<ListenerGrant<P>>,
        pub listener_count: u64,
    }

    /// A policy with the flag `BUNDLES`.
    pub struct BundlePolicy<P> {
        pub policy: Policy<P>,
        /// Directory trees in the executable.
        pub bundles: P::Const<Bundles<P>>,
        /// Makes them visible: `symbols::OPEN_BUNDLES`.
        pub open: P::Code<extern "C" fn()>,
    }

    /// A policy with the flag `NETWORK`. It begins like a [`BundlePolicy`], whose pointers are null without bundles.
    pub struct NetworkPolicy<P> {
        pub policy: Policy<P>,
        pub bundles: P::Const<Bundles<P>>,
        pub open: Option<P::Code<extern "C" fn()>>,
        pub network: P::Const<Network<P>>,
    }
}

const _: () = {
    assert!(offset_of!(NetworkPolicy, bundles) == offset_of!(BundlePolicy, bundles));
    assert!(offset_of!(NetworkPolicy, open) == offset_of!(BundlePolicy, open));
};

impl Policy {
    /// Changes whenever what the structures in this file, and in [`crate::network`], can say changes.
    pub const VERSION: u64 = 5;

    /// The guest sees the environment of the process, overridden by `env`.
    pub const INHERIT_ENV: u64 = 1;
    /// `arg0` is set.
    pub const ARG0: u64 = 2;
    /// The user who starts the program can't grant it more.
    pub const LOCKED: u64 = 4;
    /// The guest sees the directories of the machine as a native program does.
    pub const NATIVE: u64 = 8;
    /// The structure is, or begins like, a [`BundlePolicy`].
    pub const BUNDLES: u64 = 16;
    /// The user who starts the program can trace calls of host functions, by `USER_TRACE`.
    pub const TRACE: u64 = 32;
    /// The structure is a [`NetworkPolicy`].
    pub const NETWORK: u64 = 64;
    /// The program is a server, and the only one of the listeners says where it listens.
    pub const SERVE: u64 = 128;
}

shared! {
    /// A directory that the guest may reach.
    #[derive(Clone, Copy)]
    pub struct DirGrant<P> {
        /// Path on the host; a relative one is resolved against the working directory at start.
        pub host: Bytes<P>,
        /// Name under which the guest sees it.
        pub guest: Bytes<P>,
        /// A set of the flags below.
        pub flags: u64,
    }
}

impl DirGrant {
    /// Nothing below the directory may be created, written, renamed or removed.
    pub const READ_ONLY: u64 = 1;
}

shared! {
    /// A TCP address on which the guest may accept connections.
    pub struct ListenerGrant<P> {
        /// For messages.
        pub text: Bytes<P>,
        /// 4 or 16 bytes, in network order.
        pub ip: Bytes<P>,
        pub port: u64,
    }

    /// Limits of the program besides that of its stack.
    pub struct Limits<P> {
        /// Maximum size of each linear memory in bytes, [`Limits::NONE`] for no limit. For diagnostics only:
        /// the limit in force is `Memory::maximum`.
        pub memory: u64,
        /// Maximum number of elements of each table, like `memory`.
        pub table: u64,
        /// Nanoseconds that the program may run for; 0 for no limit.
        pub timeout: u64,
        /// Arms the timer at start: `symbols::START_TIMER`, or null.
        pub start_timer: Option<P::Code<extern "C" fn()>>,
        /// What is left of the program's fuel, or null if it isn't counted.
        pub fuel: P::Mut<i64>,
        /// 1 if growing beyond the limits fails, 0 if it traps. For diagnostics only.
        pub soft: u64,
        /// Maximum size of the garbage-collected heap in bytes, like `memory`. For diagnostics only: the
        /// limit in force is `gc::Heap::maximum`.
        pub heap: u64,
        /// Maximum number of threads at a time, including the first one; at least 1, [`Limits::NONE`] for no
        /// limit.
        pub threads: u64,
    }
}

impl Limits {
    pub const NONE: u64 = u64::MAX;
}

/// Names of the environment variables with which the user grants more.
pub const USER_DIRS: &str = "WASM_AOT_DIRS";
pub const USER_ENV: &str = "WASM_AOT_ENV";
/// In a program with `Policy::TRACE`: a list of what is traced, of `TRACE_WASI` and `TRACE_GC`.
pub const USER_TRACE: &str = "WASM_AOT_TRACE";
pub const TRACE_WASI: [u8; 4] = *b"wasi";
pub const TRACE_GC: [u8; 2] = *b"gc";

/// Whether `what` is in the list of what is traced, whose items are separated by commas.
pub fn traces(list: &[u8], what: &[u8]) -> bool {
    list.split(|&byte| byte == b',').any(|item| item == what)
}

/// Separates the grants in these variables.
pub const USER_SEPARATOR: u8 = b';';

/// `HOST[::GUEST][:ro]`: host, guest, read-only.
pub fn parse_dir(text: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let (paths, read_only) = match text.strip_suffix(b":ro") {
        Some(paths) => (paths, true),
        None => (text, false),
    };
    let (host, guest) = match paths.windows(2).position(|pair| pair == b"::") {
        Some(at) => (paths.get(..at)?, paths.get(at + 2..)?),
        None => (paths, paths),
    };
    let wrong = host.is_empty() || guest.is_empty() || text.contains(&0);
    (!wrong).then_some((host, guest, read_only))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories() {
        let grant = |text: &'static str| parse_dir(text.as_bytes());
        assert_eq!(grant("a"), Some((&b"a"[..], &b"a"[..], false)));
        assert_eq!(grant("a:ro"), Some((&b"a"[..], &b"a"[..], true)));
        assert_eq!(grant("/x::/y"), Some((&b"/x"[..], &b"/y"[..], false)));
        assert_eq!(grant(".::/:ro"), Some((&b"."[..], &b"/"[..], true)));
        assert_eq!(grant("a:b"), Some((&b"a:b"[..], &b"a:b"[..], false)));
        for wrong in ["", "::/x", "x::", ":ro", "a\0b"] {
            assert_eq!(grant(wrong), None, "{wrong:?}");
        }
    }
}
