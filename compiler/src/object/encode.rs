//! Encodes structures that compiler and runtime share (`wasm_aot_abi::shared`) as bytes for the target, with the
//! places of the addresses in them.

use wasm_aot_abi::shared::{Encode, Sink};

/// Bytes, and the addresses in them by offset; the bytes of an address are 0.
pub struct Encoded<A> {
    pub bytes: Vec<u8>,
    pub addresses: Vec<(u64, A)>,
}

/// Encodes an array.
pub fn encode<A, T: Encode<A>>(items: &[T], big_endian: bool) -> Encoded<A> {
    let bytes = Vec::with_capacity(items.len() * T::BYTES);
    let mut encoder = Encoder { encoded: Encoded { bytes, addresses: Vec::new() }, big_endian };
    for item in items {
        item.encode(&mut encoder);
    }
    debug_assert_eq!(encoder.encoded.bytes.len(), items.len() * T::BYTES);
    encoder.encoded
}

struct Encoder<A> {
    encoded: Encoded<A>,
    big_endian: bool,
}

impl<A> Sink<A> for Encoder<A> {
    fn u8(&mut self, value: u8) {
        self.encoded.bytes.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.encoded.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u64(&mut self, value: u64) {
        self.encoded.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn address(&mut self, address: Option<A>) {
        if let Some(address) = address {
            self.encoded.addresses.push((self.encoded.bytes.len() as u64, address));
        }
        self.encoded.bytes.extend([0; 8]);
    }
}

#[cfg(test)]
mod tests {
    use wasm_aot_abi::layout::Table;
    use wasm_aot_abi::shared::Pointer;

    use super::*;

    #[test]
    fn fields_are_in_the_targets_byte_order() {
        let table = Table { elements: Pointer::to('a'), size: 1, maximum: 2, capacity: 3 };
        let null = Table { elements: Pointer::NULL, ..table };
        let encoded = encode(&[null, table], true);
        assert_eq!(encoded.addresses, [(32, 'a')]);
        assert_eq!(encoded.bytes[8..16], 1_u64.to_be_bytes());
        assert_eq!(encode::<char, u32>(&[1, 2], false).bytes, [1, 0, 0, 0, 2, 0, 0, 0]);
    }
}
