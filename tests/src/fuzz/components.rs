//! Damaged components: real ones, cut or changed, above all where they are not code.

use super::mutate::{self, Case};
use super::random::Random;
use super::sections::{HEADER, read_leb};

/// Ids of sections that hold a whole module or component (`Binary.md` of the component model).
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// Valid components to start from.
pub struct Components(Vec<Component>);

struct Component {
    bytes: Vec<u8>,
    /// Places of bytes that belong to no core module, in components at any depth: hundreds among many thousands.
    places: Vec<usize>,
}

impl Components {
    pub fn new(components: impl IntoIterator<Item = Vec<u8>>) -> Components {
        let component = |bytes: Vec<u8>| {
            let mut places = Vec::new();
            collect(&bytes, 0, &mut places);
            Component { bytes, places }
        };
        Components(components.into_iter().map(component).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The case with this number.
    pub fn case(&self, number: usize) -> Case {
        let random = &mut Random::new(6, number as u64);
        let Component { bytes, places } = random.choose(&self.0);
        let mut wasm = bytes.clone();
        let kind = match number % 8 {
            0 => {
                wasm.truncate(random.below(bytes.len()));
                "cut"
            }
            1 => {
                wasm.truncate(*random.choose(places));
                "cut between modules"
            }
            2 => {
                mutate::flip_bits(&mut wasm, random);
                "flip bits"
            }
            3 => {
                for _ in 0..=random.below(3) {
                    wasm[*random.choose(places)] ^= 1 << random.below(8);
                }
                "flip bits between modules"
            }
            4 => {
                for _ in 0..=random.below(3) {
                    // Indices, counts and kinds are small.
                    wasm[*random.choose(places)] = random.below(16) as u8;
                }
                "small numbers between modules"
            }
            5 => {
                wasm[*random.choose(places)] = *random.choose(mutate::TELLING);
                "telling bytes between modules"
            }
            6 => {
                let start = *random.choose(places);
                let end = wasm.len().min(start + 1 + random.below(20));
                wasm.drain(start..end);
                "delete between modules"
            }
            _ => {
                let start = *random.choose(places);
                let end = wasm.len().min(start + 1 + random.below(20));
                let copy = wasm[start..end].to_vec();
                let to = *random.choose(places);
                wasm.splice(to..to, copy);
                "copy between modules"
            }
        };
        Case { kind, wasm }
    }
}

/// Collects the places of a component, which begins at `start`.
fn collect(bytes: &[u8], start: usize, places: &mut Vec<usize>) {
    let mut at = HEADER.len();
    places.extend(start..start + at);
    while let Some((&id, rest)) = bytes.get(at..).and_then(<[u8]>::split_first) {
        let Some((size, width)) = read_leb(rest) else { break };
        let contents = at + 1 + width;
        let end = contents + size as usize;
        places.extend(start + at..start + contents);
        match (id, bytes.get(contents..end)) {
            (CORE_MODULE, _) => {}
            (COMPONENT, Some(inner)) => collect(inner, start + contents, places),
            _ => places.extend(start + contents..start + end),
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_left_out_at_any_depth() {
        let text = r#"(component (core module (func (export "abc"))) (component (core module (func (export "def")))))"#;
        let bytes = wat::parse_str(text).unwrap();
        let components = Components::new([bytes.clone()]);
        let kept: Vec<u8> = components.0[0].places.iter().map(|place| bytes[*place]).collect();
        let contains = |name: &[u8]| kept.windows(name.len()).any(|window| window == name);
        assert!(!contains(b"abc") && !contains(b"def"));
        assert_eq!(kept.windows(4).filter(|window| *window == b"\0asm").count(), 2);
        assert_eq!(components.case(17).wasm, components.case(17).wasm);
    }
}
