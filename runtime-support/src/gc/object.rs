//! Objects as the collector sees them.

use wasm_aot_abi::gc::{ALIGNMENT, ARRAY_ELEMENTS, ARRAY_LENGTH, TYPE_SHIFT, TypeInfo};

use super::description::heap;

/// The address of an object.
#[derive(Clone, Copy)]
pub struct Object(pub usize);

impl Object {
    /// # Safety
    /// It is an object, or was one and has been moved.
    #[inline]
    pub unsafe fn header(self) -> u32 {
        // SAFETY: as the caller promises.
        unsafe { (self.0 as *const u32).read() }
    }

    /// # Safety
    /// It is an object, or in a place where there was one.
    #[inline]
    pub unsafe fn set_header(self, header: u32) {
        // SAFETY: as the caller promises.
        unsafe { (self.0 as *mut u32).write(header) }
    }

    /// # Safety
    /// It is an array.
    #[inline]
    unsafe fn length(self) -> usize {
        // SAFETY: as the caller promises.
        unsafe { ((self.0 + ARRAY_LENGTH as usize) as *const u32).read() as usize }
    }

    /// # Safety
    /// It is an object that hasn't been moved.
    #[inline]
    pub unsafe fn info(self) -> &'static TypeInfo {
        // SAFETY: headers have numbers of types.
        unsafe { &*heap().types.add((self.header() >> TYPE_SHIFT) as usize) }
    }

    /// # Safety
    /// It is an object of this type.
    #[inline]
    pub unsafe fn bytes(self, info: &TypeInfo) -> usize {
        if info.first_reference != TypeInfo::ARRAY {
            return info.bytes as usize;
        }
        // SAFETY: as the caller promises.
        let elements = unsafe { self.length() } * info.bytes as usize;
        (elements + ARRAY_ELEMENTS as usize).next_multiple_of(ALIGNMENT as usize)
    }

    /// Calls `visit` with the address of each reference in the object.
    ///
    /// # Safety
    /// It is an object of this type.
    #[inline]
    pub unsafe fn references(self, info: &TypeInfo, mut visit: impl FnMut(*mut u32)) {
        // SAFETY: as the caller promises; the compiler says where references are.
        unsafe {
            if info.first_reference != TypeInfo::ARRAY {
                let offsets = heap().references.add(info.first_reference as usize);
                for index in 0..info.reference_count as usize {
                    visit((self.0 + offsets.add(index).read() as usize) as *mut u32);
                }
            } else if info.reference_count != 0 {
                let first = (self.0 + ARRAY_ELEMENTS as usize) as *mut u32;
                for index in 0..self.length() {
                    visit(first.add(index));
                }
            }
        }
    }
}
