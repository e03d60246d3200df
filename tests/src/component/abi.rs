//! The canonical ABI once more, written from the specification alone (`CanonicalABI.md`): how values lie in memories,
//! and as which core values they are passed. Nothing of the compiler is used, nor of wasmtime.

/// A type of the component model.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Bool,
    /// Signed or not, and the number of bytes.
    Integer(bool, u32),
    F32,
    F64,
    Char,
    String,
    List(Box<Type>),
    Record(Vec<Type>),
    Tuple(Vec<Type>),
    Variant(Vec<Option<Type>>),
    Enum(u32),
    Option(Box<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
    Flags(u32),
}

/// A value; what it means depends on its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Integer(i128),
    F32(f32),
    F64(f64),
    Char(char),
    String(&'static str),
    List(Vec<Value>),
    /// Of a record or a tuple.
    Fields(Vec<Value>),
    /// Of a variant, an enum, an option or a result.
    Case(u32, Option<Box<Value>>),
    Flags(u64),
}

/// An encoding of strings in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// Latin 1 where it can be, else UTF-16.
    CompactUtf16,
}

/// A type of core values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Core {
    I32,
    I64,
    F32,
    F64,
}

/// What is passed as a core value or stored in memory, as bits.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Bits(u64),
    /// Any pattern that is not a number, of this width in bytes.
    NotANumber(u32),
    /// The address of a string, of which the next content is the length.
    Text(&'static str),
    /// The address of the elements of a list, whose number is the next content.
    Elements(Type, Vec<Value>),
}

/// Bytes in memory.
#[derive(Clone, Debug)]
pub struct Word {
    pub offset: u32,
    pub width: u32,
    pub content: Content,
}

/// Core values that are passed as parameters; beyond them, the address of a tuple.
pub const MAX_FLAT_PARAMETERS: usize = 16;

impl Encoding {
    pub const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::CompactUtf16];

    /// What the option of `canon lift` and `canon lower` is called.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf8",
            Encoding::Utf16 => "utf16",
            Encoding::CompactUtf16 => "latin1+utf16",
        }
    }

    pub fn alignment(self) -> u32 {
        if self == Encoding::Utf8 { 1 } else { 2 }
    }

    /// The bytes of a string, and its length as the ABI has it.
    pub fn encode(self, text: &str) -> (Vec<u8>, u32) {
        let wide = || text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        match self {
            Encoding::Utf8 => (text.into(), text.len() as u32),
            Encoding::CompactUtf16 if text.chars().all(|c| u32::from(c) < 0x100) => {
                let bytes: Vec<u8> = text.chars().map(|c| u32::from(c) as u8).collect();
                let length = bytes.len() as u32;
                (bytes, length)
            }
            Encoding::Utf16 => (wide(), wide().len() as u32 / 2),
            Encoding::CompactUtf16 => (wide(), (wide().len() as u32 / 2) | (1 << 31)),
        }
    }
}

impl Core {
    pub fn name(self) -> &'static str {
        match self {
            Core::I32 => "i32",
            Core::I64 => "i64",
            Core::F32 => "f32",
            Core::F64 => "f64",
        }
    }

    /// What can hold either.
    fn join(self, other: Core) -> Core {
        match (self, other) {
            (a, b) if a == b => a,
            (Core::I32, Core::F32) | (Core::F32, Core::I32) => Core::I32,
            _ => Core::I64,
        }
    }
}

fn align(offset: u32, alignment: u32) -> u32 {
    offset.next_multiple_of(alignment)
}

impl Type {
    /// The types of a variant's cases, for whatever is one.
    fn cases(&self) -> Option<Vec<Option<Type>>> {
        let unboxed = |payload: &Option<Box<Type>>| payload.as_deref().cloned();
        match self {
            Type::Variant(cases) => Some(cases.clone()),
            Type::Enum(count) => Some(vec![None; *count as usize]),
            Type::Option(payload) => Some(vec![None, Some((**payload).clone())]),
            Type::Result(ok, error) => Some(vec![unboxed(ok), unboxed(error)]),
            _ => None,
        }
    }

    /// The width of what tells the cases apart.
    fn discriminant_width(cases: usize) -> u32 {
        match cases {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }

    pub fn alignment(&self) -> u32 {
        match self {
            Type::Bool => 1,
            Type::Integer(_, width) => *width,
            Type::F32 | Type::Char | Type::String | Type::List(_) => 4,
            Type::F64 => 8,
            Type::Record(fields) | Type::Tuple(fields) => {
                fields.iter().map(Type::alignment).max().unwrap_or(1)
            }
            Type::Flags(count) => match count {
                ..=8 => 1,
                ..=16 => 2,
                _ => 4,
            },
            _ => {
                let cases = self.cases().expect("only variants are left");
                let payloads = cases.iter().flatten().map(Type::alignment).max().unwrap_or(1);
                payloads.max(Type::discriminant_width(cases.len()))
            }
        }
    }

    pub fn size(&self) -> u32 {
        match self {
            Type::String | Type::List(_) => 8,
            Type::Record(fields) | Type::Tuple(fields) => {
                let end = fields.iter().fold(0, |end, field| align(end, field.alignment()) + field.size());
                align(end, self.alignment())
            }
            _ => match self.cases() {
                Some(cases) => {
                    let payloads = cases.iter().flatten().map(Type::size).max().unwrap_or(0);
                    align(payload_offset(&cases) + payloads, self.alignment())
                }
                None => self.alignment(),
            },
        }
    }

    /// The core types as which a value is passed.
    pub fn flat(&self) -> Vec<Core> {
        match self {
            Type::Bool | Type::Char | Type::Flags(_) | Type::Integer(_, ..=4) => vec![Core::I32],
            Type::Integer(..) => vec![Core::I64],
            Type::F32 => vec![Core::F32],
            Type::F64 => vec![Core::F64],
            Type::String | Type::List(_) => vec![Core::I32; 2],
            Type::Record(fields) | Type::Tuple(fields) => fields.iter().flat_map(Type::flat).collect(),
            _ => {
                let mut payload: Vec<Core> = Vec::new();
                for case in self.cases().expect("only variants are left").iter().flatten() {
                    for (index, core) in case.flat().into_iter().enumerate() {
                        match payload.get_mut(index) {
                            Some(joined) => *joined = joined.join(core),
                            None => payload.push(core),
                        }
                    }
                }
                [vec![Core::I32], payload].concat()
            }
        }
    }
}

/// Where the payload of a variant begins.
fn payload_offset(cases: &[Option<Type>]) -> u32 {
    let alignment = cases.iter().flatten().map(Type::alignment).max().unwrap_or(1);
    align(Type::discriminant_width(cases.len()), alignment)
}

/// The bits of a value that isn't made of others, or the address and the length.
fn contents(ty: &Type, value: &Value, encoding: Encoding) -> Vec<Content> {
    let bits = match (ty, value) {
        (Type::String, Value::String(text)) => {
            return vec![Content::Text(text), Content::Bits(encoding.encode(text).1.into())];
        }
        (Type::List(element), Value::List(values)) => {
            let elements = Content::Elements((**element).clone(), values.clone());
            return vec![elements, Content::Bits(values.len() as u64)];
        }
        (Type::F32, Value::F32(number)) if number.is_nan() => return vec![Content::NotANumber(4)],
        (Type::F64, Value::F64(number)) if number.is_nan() => return vec![Content::NotANumber(8)],
        (Type::Bool, Value::Bool(value)) => u64::from(*value),
        // As a core value of 32 bits a negative number is extended to these.
        (Type::Integer(_, width), Value::Integer(value)) => {
            if *width <= 4 {
                u64::from(*value as u32)
            } else {
                *value as u64
            }
        }
        (Type::F32, Value::F32(number)) => number.to_bits().into(),
        (Type::F64, Value::F64(number)) => number.to_bits(),
        (Type::Char, Value::Char(value)) => u32::from(*value).into(),
        (Type::Flags(_), Value::Flags(bits)) => *bits,
        _ => panic!("{value:?} is not of type {ty:?}"),
    };
    vec![Content::Bits(bits)]
}

/// The core values as which a value is passed.
pub fn flatten(ty: &Type, value: &Value, encoding: Encoding) -> Vec<(Core, Content)> {
    match (ty, value) {
        (Type::Record(types) | Type::Tuple(types), Value::Fields(values)) => {
            types.iter().zip(values).flat_map(|(ty, value)| flatten(ty, value, encoding)).collect()
        }
        (_, Value::Case(case, payload)) => {
            let cases = ty.cases().expect("it has cases");
            let mut flat = vec![(Core::I32, Content::Bits((*case).into()))];
            if let (Some(ty), Some(value)) = (&cases[*case as usize], payload) {
                flat.extend(flatten(ty, value, encoding));
            }
            let joined = ty.flat();
            // What this case doesn't use is zero; what it uses are the same bits in the joined type.
            flat.resize(joined.len(), (Core::I32, Content::Bits(0)));
            joined.into_iter().zip(flat).map(|(core, (_, content))| (core, content)).collect()
        }
        _ => ty.flat().into_iter().zip(contents(ty, value, encoding)).collect(),
    }
}

/// What a value is in memory.
pub fn words(ty: &Type, value: &Value, offset: u32, encoding: Encoding) -> Vec<Word> {
    match (ty, value) {
        (Type::Record(types) | Type::Tuple(types), Value::Fields(values)) => {
            let mut end = offset;
            let mut all = Vec::new();
            for (ty, value) in types.iter().zip(values) {
                let start = align(end, ty.alignment());
                all.extend(words(ty, value, start, encoding));
                end = start + ty.size();
            }
            all
        }
        (_, Value::Case(case, payload)) => {
            let cases = ty.cases().expect("it has cases");
            let width = Type::discriminant_width(cases.len());
            let mut all = vec![Word { offset, width, content: Content::Bits((*case).into()) }];
            if let (Some(ty), Some(value)) = (&cases[*case as usize], payload) {
                all.extend(words(ty, value, offset + payload_offset(&cases), encoding));
            }
            all
        }
        _ => {
            let contents = contents(ty, value, encoding);
            let width = ty.size() / contents.len() as u32;
            let place = |(index, content)| Word { offset: offset + index as u32 * width, width, content };
            contents.into_iter().enumerate().map(place).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_specification() {
        let byte = Type::Integer(false, 1);
        let pair = Type::Record(vec![byte.clone(), Type::F64]);
        assert_eq!((pair.size(), pair.alignment()), (16, 8));
        let variant = Type::Variant(vec![None, Some(Type::Integer(false, 2)), Some(Type::String)]);
        assert_eq!((variant.size(), variant.alignment()), (12, 4));
        assert_eq!(Type::Enum(257).size(), 2);
        assert_eq!(Type::Flags(17).size(), 4);
        assert_eq!(Type::Option(Box::new(byte)).size(), 2);
    }

    #[test]
    fn payloads_are_joined() {
        let both = |a, b| Type::Variant(vec![Some(a), Some(b)]).flat()[1];
        assert_eq!(both(Type::F32, Type::Char), Core::I32);
        assert_eq!(both(Type::F32, Type::F64), Core::I64);
        assert_eq!(both(Type::F64, Type::F64), Core::F64);
    }

    #[test]
    fn compact_strings_say_which_they_are() {
        assert_eq!(Encoding::CompactUtf16.encode("é"), (vec![0xe9], 1));
        assert_eq!(Encoding::CompactUtf16.encode("日"), (vec![0xe5, 0x65], 1 | 1 << 31));
    }
}
