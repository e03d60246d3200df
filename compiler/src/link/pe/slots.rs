//! The functions that the embedder defines. A DLL can't leave a symbol undefined without saying which file defines it,
//! and the program's name isn't known; so for each function there is a pointer to it, a function that jumps there,
//! under the name that the code calls, and an exported one that sets the pointer.

use object::pe::{
    IMAGE_REL_AMD64_REL32 as REL32, IMAGE_REL_ARM64_PAGEBASE_REL21 as PAGE,
    IMAGE_REL_ARM64_PAGEOFFSET_12A as PAGE_OFFSET, IMAGE_REL_ARM64_PAGEOFFSET_12L as SCALED_PAGE_OFFSET,
};
use object::{Architecture, SectionKind};

use super::super::inputs::Shared;
use super::own::OwnObject;

/// Instructions, and the places in them that refer to something.
struct Code {
    bytes: &'static [u8],
    /// The offset, the type of the relocation, its target, and its addend.
    places: &'static [(u64, u16, Target, i64)],
}

/// Distances of x86-64 are from the end of the field, for which the writer adds 4 to addends.
const AFTER_FIELD: i64 = -4;

#[derive(Clone, Copy)]
enum Target {
    /// The pointer.
    Slot,
    /// The function that is called while none has been set.
    Unset,
}

const X86_64_JUMP: Code = Code {
    // jmp *slot(%rip)
    bytes: &[0xff, 0x25, 0, 0, 0, 0],
    places: &[(2, REL32, Target::Slot, AFTER_FIELD)],
};

/// The first argument is in rcx; null stands for the function that is called while none has been set.
const X86_64_SET: Code = Code {
    bytes: &[
        0x48, 0x8d, 0x05, 0, 0, 0, 0, // lea unset(%rip), %rax
        0x48, 0x85, 0xc9, // test %rcx, %rcx
        0x48, 0x0f, 0x44, 0xc8, // cmovz %rax, %rcx
        0x48, 0x89, 0x0d, 0, 0, 0, 0,    // mov %rcx, slot(%rip)
        0xc3, // ret
    ],
    places: &[(3, REL32, Target::Unset, AFTER_FIELD), (17, REL32, Target::Slot, AFTER_FIELD)],
};

const ARM64_JUMP: Code = Code {
    bytes: &[
        0x10, 0, 0, 0x90, // adrp x16, slot
        0x10, 0x02, 0x40, 0xf9, // ldr x16, [x16, slot]
        0x00, 0x02, 0x1f, 0xd6, // br x16
    ],
    places: &[(0, PAGE, Target::Slot, 0), (4, SCALED_PAGE_OFFSET, Target::Slot, 0)],
};

/// The first argument is in x0.
const ARM64_SET: Code = Code {
    bytes: &[
        0x08, 0, 0, 0x90, // adrp x8, unset
        0x08, 0x01, 0, 0x91, // add x8, x8, unset
        0x1f, 0, 0, 0xf1, // cmp x0, #0
        0x00, 0x01, 0x80, 0x9a, // csel x0, x8, x0, eq
        0x08, 0, 0, 0x90, // adrp x8, slot
        0x00, 0x01, 0, 0xf9, // str x0, [x8, slot]
        0xc0, 0x03, 0x5f, 0xd6, // ret
    ],
    places: &[
        (0, PAGE, Target::Unset, 0),
        (4, PAGE_OFFSET, Target::Unset, 0),
        (16, PAGE, Target::Slot, 0),
        (20, SCALED_PAGE_OFFSET, Target::Slot, 0),
    ],
};

/// The code that jumps and the one that sets, of each instruction set.
const CODE: [(Architecture, Code, Code); 2] =
    [(Architecture::X86_64, X86_64_JUMP, X86_64_SET), (Architecture::Aarch64, ARM64_JUMP, ARM64_SET)];

/// Alignment of functions.
const CODE_ALIGNMENT: u64 = 16;

/// Adds what stands for the functions to the object. A leaf function without a frame needs no entry in the function
/// table.
pub fn define(own: &mut OwnObject, shared: &Shared<'_>) {
    if shared.imports.is_empty() {
        return;
    }
    let machine = own.machine;
    let of_machine = CODE.iter().find(|(architecture, ..)| *architecture == machine.architecture);
    let (_, jump, set) = of_machine.expect("there is code for each machine");
    let code = own.object.add_section(Vec::new(), ".text".into(), SectionKind::Text);
    let slots = own.object.add_section(Vec::new(), ".data".into(), SectionKind::Data);
    let unset = own.symbol(shared.unset);
    for import in shared.imports {
        let at = own.object.append_section_data(slots, &[0; 8], 8);
        // No C name has a dot.
        let slot = own.define(&format!(".slot.{}", import.name), slots, at);
        own.relocate(slots, at, unset, machine.word, 0);
        for (name, function) in [(&import.name, jump), (&import.setter, set)] {
            let start = own.object.append_section_data(code, function.bytes, CODE_ALIGNMENT);
            own.define(name, code, start);
            for &(offset, kind, target, addend) in function.places {
                let symbol = match target {
                    Target::Slot => slot,
                    Target::Unset => unset,
                };
                own.relocate(code, start + offset, symbol, kind, addend);
            }
        }
    }
}
