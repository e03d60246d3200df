//! `wasi:filesystem/preopens`.

use crate::component::Caller;
use crate::program::bytes;
use crate::wasi::grants;

/// Bytes of a `tuple<own<descriptor>, string>`.
const ELEMENT: u32 = 12;

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_preopens_get_directories(result: u32, caller: &Caller) {
    caller.check();
    caller.fields(result, 8, 4);
    let count = grants::opened().count() as u32;
    let list = caller.allocate(count * ELEMENT, 4);
    for (index, (descriptor, grant)) in grants::opened().enumerate() {
        let (name, length) = caller.new_string(bytes(&grant.guest));
        // Whatever it allocates may move the memory.
        let elements = caller.elements(list, count, ELEMENT, 4);
        let at = index as u32 * ELEMENT;
        elements.u32(at, caller.own(descriptor));
        elements.u32(at + 4, name);
        elements.u32(at + 8, length);
    }
    let fields = caller.fields(result, 8, 4);
    fields.u32(0, list);
    fields.u32(4, count);
}

/// In programs that can't tell what directories they have: there are none.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_no_directories_filesystem_preopens_get_directories(
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let list = caller.allocate(0, 4);
    let fields = caller.fields(result, 8, 4);
    fields.u32(0, list);
    fields.u32(4, 0);
}
