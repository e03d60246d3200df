//! What the system handed to the process. The entry of the executable would be here.

pub fn arguments() -> &'static [*const u8] {
    &[]
}

pub fn environment() -> &'static [*const u8] {
    &[]
}

pub fn is_privileged() -> bool {
    true
}
