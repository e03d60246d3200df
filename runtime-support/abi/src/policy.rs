//! The sandbox policy baked into an executable: what the program was given.

/// A byte string in read-only data. Not terminated.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub length: u64,
}

/// What the program is granted.
#[repr(C)]
pub struct Policy {
    /// Directories, in the order in which the guest sees them, from descriptor 3 on if there are no
    /// listeners.
    pub dirs: *const DirGrant,
    pub dir_count: u64,
    /// `KEY=VALUE` strings.
    pub env: *const Bytes,
    pub env_count: u64,
    /// A set of the flags below.
    pub flags: u64,
    /// What the guest sees as its argument 0 if `ARG0` is set, else the name it was started by.
    pub arg0: Bytes,
    /// Opens the grants at start-up: `symbols::OPEN_LISTENERS` if there are `listeners`, else
    /// `symbols::OPEN_GRANTS` if there are `dirs`, else null.
    pub open_grants: Option<extern "C" fn()>,
    /// Addresses to listen at, whose descriptors come before those of the directories.
    pub listeners: *const ListenerGrant,
    pub listener_count: u64,
}

impl Policy {
    /// The guest sees the environment of the process, overridden by `env`.
    pub const INHERIT_ENV: u64 = 1;
    /// `arg0` is set.
    pub const ARG0: u64 = 2;
}

/// A directory that the guest may reach.
#[repr(C)]
pub struct DirGrant {
    /// Path on the host; a relative one is resolved against the working directory at start.
    pub host: Bytes,
    /// Name under which the guest sees it.
    pub guest: Bytes,
    /// A set of the flags below.
    pub flags: u64,
}

impl DirGrant {
    /// Nothing below the directory may be created, written, renamed or removed.
    pub const READ_ONLY: u64 = 1;
}

/// A TCP address that the guest may accept connections at.
#[repr(C)]
pub struct ListenerGrant {
    /// For messages.
    pub text: Bytes,
    /// 4 or 16 bytes, in network order.
    pub ip: Bytes,
    pub port: u64,
}

const _: () = {
    assert!(size_of::<Bytes>() == 16);
    assert!(size_of::<DirGrant>() == 40);
    assert!(size_of::<ListenerGrant>() == 40);
    assert!(size_of::<Policy>() == 80);
};
