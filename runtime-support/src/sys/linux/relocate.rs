//! A static PIE relocates itself: applies the RELATIVE entries of `.rela.dyn` and `.relr.dyn`
//! (ELF gABI, "Relocation"; RELR: "Proposal for a new section type SHT_RELR").

const DT_NULL: usize = 0;
const DT_RELA: usize = 7;
const DT_RELASZ: usize = 8;
const DT_RELRSZ: usize = 35;
const DT_RELR: usize = 36;

/// Adds `base` to every word that a relocation names.
///
/// # Safety
/// `base` is the load address of this image, linked at 0, and `dynamic` its dynamic section; not
/// called twice.
#[inline(always)]
pub unsafe fn relocate(base: usize, mut dynamic: *const usize) {
    let (mut rela, mut rela_size, mut relr, mut relr_size) = (0, 0, 0, 0);
    // SAFETY: the dynamic section ends with DT_NULL; the tables it names lie in this image, and
    // so does every word that they name.
    unsafe {
        while *dynamic != DT_NULL {
            let value = *dynamic.add(1);
            match *dynamic {
                DT_RELA => rela = value,
                DT_RELASZ => rela_size = value,
                DT_RELR => relr = value,
                DT_RELRSZ => relr_size = value,
                _ => {}
            }
            dynamic = dynamic.add(2);
        }
        let mut entry = (base + rela) as *const usize;
        let end = (base + rela + rela_size) as *const usize;
        while entry < end {
            // Only RELATIVE relocations can be left in a static PIE without ifuncs.
            *((base + *entry) as *mut usize) = base + *entry.add(2);
            entry = entry.add(3);
        }
        let mut entry = (base + relr) as *const usize;
        let end = (base + relr + relr_size) as *const usize;
        let mut place = core::ptr::null_mut::<usize>();
        while entry < end {
            let mut bits = *entry;
            if bits & 1 == 0 {
                place = (base + bits) as *mut usize;
                *place += base;
                place = place.add(1);
            } else {
                let mut word = place;
                bits >>= 1;
                while bits != 0 {
                    if bits & 1 != 0 {
                        *word += base;
                    }
                    word = word.add(1);
                    bits >>= 1;
                }
                place = place.add(63);
            }
            entry = entry.add(1);
        }
    }
}
