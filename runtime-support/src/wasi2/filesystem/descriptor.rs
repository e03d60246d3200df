//! Descriptors: what they are, how components name them, and their end.

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::slab::Slab;
use crate::component::{Caller, Resource};
use crate::wasi::descriptor::{Descriptor, Kind};
use crate::wasi::files::{Name, PathArgument};
use crate::wasi::path::{Path, PathBuffer};
use crate::wasi::types::{Errno, Result};

static DESCRIPTORS: Slab<Descriptor> = Slab::empty();

impl Resource for Descriptor {
    const KIND: ResourceKind = ResourceKind::Descriptor;

    fn table() -> &'static Slab<Descriptor> {
        &DESCRIPTORS
    }
}

/// The file behind a handle. Directories are not files.
pub fn file(this: u32, caller: &Caller) -> Result<&'static Descriptor> {
    let descriptor: &Descriptor = caller.borrow(this);
    if matches!(descriptor.kind, Kind::File | Kind::Bundled) { Ok(descriptor) } else { Err(Errno::BADF) }
}

/// The directory behind a handle.
pub fn directory(this: u32, caller: &Caller) -> Result<&'static Descriptor> {
    let descriptor: &Descriptor = caller.borrow(this);
    if is_directory(descriptor) { Ok(descriptor) } else { Err(Errno::NOTDIR) }
}

pub fn is_directory(descriptor: &Descriptor) -> bool {
    matches!(descriptor.kind, Kind::Directory | Kind::Grant)
}

/// A path that a component passes, as a string.
#[derive(Clone, Copy)]
pub struct StringArgument<'a> {
    pub caller: &'a Caller,
    pub pointer: u32,
    pub length: u32,
}

impl PathArgument for StringArgument<'_> {
    fn read(self, buffer: &mut PathBuffer) -> Result<Path<'_>> {
        buffer.fill(|space| self.caller.string(self.pointer, self.length, space))
    }
}

/// A path and the handle of its directory.
#[derive(Clone, Copy)]
pub struct ComponentName<'a> {
    pub this: u32,
    pub path: StringArgument<'a>,
}

impl<'a> ComponentName<'a> {
    pub fn new(this: u32, pointer: u32, length: u32, caller: &'a Caller) -> ComponentName<'a> {
        ComponentName { this, path: StringArgument { caller, pointer, length } }
    }
}

impl<'a> Name for ComponentName<'a> {
    type Directory = &'static Descriptor;
    type Path = StringArgument<'a>;

    fn directory(self) -> Result<&'static Descriptor> {
        directory(self.this, self.path.caller)
    }

    fn path(self) -> StringArgument<'a> {
        self.path
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<Descriptor>(handle) {
        let descriptor = Descriptor::remove(number);
        // A granted directory can be asked for again.
        if descriptor.kind != Kind::Grant {
            descriptor.release();
        }
    }
}
