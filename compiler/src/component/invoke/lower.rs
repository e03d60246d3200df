//! Lowers arguments (component-model, `CanonicalABI.md`, "Flat Lowering" and "Storing"): to core arguments, and to the
//! contents of the memory that the callee allocates for them.
//!
//! Numbers of 32 bits are extended with zeroes to words of 64 bits, and floats are words of their bits. So a word is the
//! same whatever core type a variant gives it.

use std::borrow::Cow;

use wasm_aot_abi::component::UTF16_TAG;
use wasm_wave::value::Value;
use wasm_wave::wasm::WasmValue as _;
use wasmtime_environ::component::{
    ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, StringEncoding, TypeTupleIndex,
};

use crate::component::Component;
use crate::program::Block;

/// Lowers the arguments of a function, whose types are those of the tuple.
pub fn lower(
    component: &Component<'_>,
    params: TypeTupleIndex,
    encoding: StringEncoding,
    arguments: &[Value],
) -> Block {
    let lowering = Lowering { types: &component.types, encoding };
    let tuple = &component.types[params];
    let arguments = tuple.types.iter().copied().zip(arguments.iter().map(Cow::Borrowed)).collect();
    let mut words = Block { alignment: 8, ..Block::default() };
    match tuple.abi.flat_count(MAX_FLAT_PARAMS) {
        Some(_) => lowering.flatten_fields(&mut words, arguments),
        None => {
            let mut block = zeroes(tuple.abi.size32, tuple.abi.align32);
            lowering.store_fields(&mut block, 0, arguments);
            link(&mut words, block);
        }
    }
    words
}

/// A value, as lowering sees it.
enum Shape<'v> {
    /// What isn't made of other values.
    Number(u64),
    /// A string or a list: what it points to, and its length.
    Elements(Block, u32),
    /// A record or a tuple.
    Fields(Vec<Typed<'v>>),
    Case(Case<'v>),
}

/// A value with its type.
type Typed<'v> = (InterfaceType, Cow<'v, Value>);

/// A variant, enum, option or result.
struct Case<'v> {
    number: usize,
    /// The size of the number in memory, in bytes.
    size: u32,
    /// Where the payload is in memory.
    payload_offset: u32,
    payload: Option<Typed<'v>>,
}

struct Lowering<'c> {
    types: &'c ComponentTypes,
    encoding: StringEncoding,
}

impl Lowering<'_> {
    /// The size and the alignment of a type in memory, in bytes.
    fn extent(&self, ty: InterfaceType) -> (u32, u32) {
        let abi = self.types.canonical_abi(&ty);
        (abi.size32, abi.align32)
    }

    fn shape<'v>(&self, ty: InterfaceType, value: &'v Value) -> Shape<'v> {
        let types = self.types;
        match ty {
            InterfaceType::Bool => Shape::Number(value.unwrap_bool().into()),
            InterfaceType::S8 => Shape::Number(i32::from(value.unwrap_s8()) as u32 as u64),
            InterfaceType::U8 => Shape::Number(value.unwrap_u8().into()),
            InterfaceType::S16 => Shape::Number(i32::from(value.unwrap_s16()) as u32 as u64),
            InterfaceType::U16 => Shape::Number(value.unwrap_u16().into()),
            InterfaceType::S32 => Shape::Number(value.unwrap_s32() as u32 as u64),
            InterfaceType::U32 => Shape::Number(value.unwrap_u32().into()),
            InterfaceType::S64 => Shape::Number(value.unwrap_s64() as u64),
            InterfaceType::U64 => Shape::Number(value.unwrap_u64()),
            InterfaceType::Float32 => Shape::Number(value.unwrap_f32().to_bits().into()),
            InterfaceType::Float64 => Shape::Number(value.unwrap_f64().to_bits()),
            InterfaceType::Char => Shape::Number(u32::from(value.unwrap_char()).into()),
            InterfaceType::String => {
                let (block, length) = self.string(&value.unwrap_string());
                Shape::Elements(block, length)
            }
            InterfaceType::List(index) => {
                let (block, length) = self.list(types[index].element, value);
                Shape::Elements(block, length)
            }
            InterfaceType::Record(index) => {
                let values = value.unwrap_record().map(|(_, value)| value);
                Shape::Fields(types[index].fields.iter().map(|field| field.ty).zip(values).collect())
            }
            InterfaceType::Tuple(index) => {
                Shape::Fields(types[index].types.iter().copied().zip(value.unwrap_tuple()).collect())
            }
            InterfaceType::Flags(index) => {
                // There are at most 32.
                let names = &types[index].names;
                let bits = value.unwrap_flags().map(|name| names.get_index_of(&*name));
                Shape::Number(bits.map(|bit| 1 << bit.expect("it is a name of the type")).sum())
            }
            InterfaceType::Variant(index) => {
                let ty = &types[index];
                let (name, payload) = value.unwrap_variant();
                let (number, _, payload_type) = ty.cases.get_full(&*name).expect("it is a name of the type");
                Shape::Case(Case {
                    number,
                    size: ty.info.size.into(),
                    payload_offset: ty.info.payload_offset32,
                    payload: payload_type.zip(payload),
                })
            }
            InterfaceType::Enum(index) => {
                let ty = &types[index];
                let number = ty.names.get_index_of(&*value.unwrap_enum()).expect("it is a name of the type");
                Shape::Case(Case { number, size: ty.info.size.into(), payload_offset: 0, payload: None })
            }
            InterfaceType::Option(index) => {
                let ty = &types[index];
                let payload = value.unwrap_option().map(|payload| (ty.ty, payload));
                let number = payload.is_some().into();
                Shape::Case(Case { number, size: 1, payload_offset: ty.info.payload_offset32, payload })
            }
            InterfaceType::Result(index) => {
                let ty = &types[index];
                let (number, payload) = match value.unwrap_result() {
                    Ok(payload) => (0, ty.ok.zip(payload)),
                    Err(payload) => (1, ty.err.zip(payload)),
                };
                Shape::Case(Case { number, size: 1, payload_offset: ty.info.payload_offset32, payload })
            }
            other => unreachable!("WAVE has no values of the type {other:?}"),
        }
    }

    fn list(&self, element: InterfaceType, value: &Value) -> (Block, u32) {
        let (size, alignment) = self.extent(element);
        let elements: Vec<_> = value.unwrap_list().collect();
        let mut block = zeroes(size * elements.len() as u32, alignment);
        for (index, value) in elements.iter().enumerate() {
            self.store(&mut block, index as u32 * size, element, value);
        }
        (block, elements.len() as u32)
    }

    /// The code units of a string, and its length in them.
    fn string(&self, text: &str) -> (Block, u32) {
        let latin1 = || text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
        let utf16 = || text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let (bytes, alignment, tag) = match self.encoding {
            StringEncoding::Utf8 => (text.as_bytes().to_vec(), 1, None),
            StringEncoding::Utf16 => (utf16(), 2, Some(0)),
            StringEncoding::CompactUtf16 => match latin1() {
                Some(bytes) => (bytes, 2, None),
                None => (utf16(), 2, Some(UTF16_TAG)),
            },
        };
        let length = match tag {
            None => bytes.len() as u32,
            Some(tag) => (bytes.len() as u32 / 2) | tag,
        };
        (Block { bytes, alignment, links: Vec::new() }, length)
    }

    /// Appends the core arguments for a value.
    fn flatten(&self, words: &mut Block, ty: InterfaceType, value: &Value) {
        match self.shape(ty, value) {
            Shape::Number(word) => push(words, word),
            Shape::Elements(block, length) => {
                link(words, block);
                push(words, length.into());
            }
            Shape::Fields(fields) => self.flatten_fields(words, fields),
            Shape::Case(case) => {
                let flat = self.types.canonical_abi(&ty).flat_count.expect("the arguments are flat");
                let end = words.bytes.len() + WORD * usize::from(flat);
                push(words, case.number as u64);
                if let Some((ty, value)) = case.payload {
                    self.flatten(words, ty, &value);
                }
                words.bytes.resize(end, 0);
            }
        }
    }

    fn flatten_fields(&self, words: &mut Block, fields: Vec<Typed<'_>>) {
        fields.iter().for_each(|(ty, value)| self.flatten(words, *ty, value));
    }

    /// Stores a value.
    fn store(&self, block: &mut Block, offset: u32, ty: InterfaceType, value: &Value) {
        let (size, _) = self.extent(ty);
        match self.shape(ty, value) {
            Shape::Number(word) => put(block, offset, size, word),
            Shape::Elements(target, length) => {
                block.links.push((offset as usize, target));
                put(block, offset + 4, 4, length.into());
            }
            Shape::Fields(fields) => self.store_fields(block, offset, fields),
            Shape::Case(case) => {
                put(block, offset, case.size, case.number as u64);
                if let Some((ty, value)) = case.payload {
                    self.store(block, offset + case.payload_offset, ty, &value);
                }
            }
        }
    }

    /// Stores fields one after the other.
    fn store_fields(&self, block: &mut Block, start: u32, fields: Vec<Typed<'_>>) {
        let mut offset = start;
        for (ty, value) in fields {
            let (size, alignment) = self.extent(ty);
            offset = offset.next_multiple_of(alignment);
            self.store(block, offset, ty, &value);
            offset += size;
        }
    }
}

/// Bytes of a word.
const WORD: usize = 8;

/// Appends a word.
fn push(words: &mut Block, word: u64) {
    words.bytes.extend_from_slice(&word.to_le_bytes());
}

/// Appends a word that is the address of a block.
fn link(words: &mut Block, block: Block) {
    words.links.push((words.bytes.len(), block));
    push(words, 0);
}

/// A block without contents.
fn zeroes(size: u32, alignment: u32) -> Block {
    Block { bytes: vec![0; size as usize], alignment, links: Vec::new() }
}

/// Puts the low bytes of a word at an offset.
fn put(block: &mut Block, offset: u32, size: u32, word: u64) {
    let (offset, size) = (offset as usize, size as usize);
    block.bytes[offset..offset + size].copy_from_slice(&word.to_le_bytes()[..size]);
}
