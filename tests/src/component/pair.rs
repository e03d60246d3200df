//! Two components of which one calls the other, as text: both look at every byte that they get.
//!
//! What a side gets is compared with what the specification says that it must get ([`super::abi`]); a difference is a
//! trap. What a side gives is a part of its memory from the beginning.

use std::fmt::Write as _;

use super::abi::{Content, Core, Encoding, MAX_FLAT_PARAMETERS, Type, Value, Word, flatten, words};
use super::text::Types;

/// A function that always gets and gives the same.
pub struct Function {
    pub parameters: Vec<(Type, Value)>,
    pub result: Option<(Type, Value)>,
}

/// Where constants begin in a memory, and where `realloc` does.
const CONSTANTS: u32 = 1024;
const FREE: u32 = 0x8000;
/// Where the caller has results put.
const RESULTS: u32 = 16;

/// The memory of both sides: allocations follow one another, and what grows is copied.
const LIBRARY: &str = r#"
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 0x8000))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $alignment i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $alignment) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $alignment))))
      (global.set $free (i32.add (local.get $start) (local.get $size)))
      (memory.copy (local.get $start) (local.get $old)
        (select (local.get $old-size) (local.get $size) (i32.lt_u (local.get $old-size) (local.get $size))))
      (local.get $start))
    (func $same (export "same") (param $found i32) (param $expected i32) (param $length i32)
      (block $end
        (loop $next
          (br_if $end (i32.eqz (local.get $length)))
          (local.set $length (i32.sub (local.get $length) (i32.const 1)))
          (if (i32.ne
              (i32.load8_u (i32.add (local.get $found) (local.get $length)))
              (i32.load8_u (i32.add (local.get $expected) (local.get $length))))
            (then unreachable))
          (br $next))))"#;

/// The constants and the code of one side.
struct Side {
    encoding: Encoding,
    constants: Vec<u8>,
    code: String,
    /// How many locals of type i32, `$p0` and so on, the code uses.
    pointers: u32,
}

impl Side {
    fn new(encoding: Encoding) -> Side {
        Side { encoding, constants: Vec::new(), code: String::new(), pointers: 0 }
    }

    fn reserve(&mut self, size: u32, alignment: u32) -> u32 {
        let start = (CONSTANTS + self.constants.len() as u32).next_multiple_of(alignment);
        self.constants.resize((start + size - CONSTANTS) as usize, 0);
        assert!(start + size <= FREE, "the constants of a case are too large");
        start
    }

    fn bytes(&mut self, bytes: &[u8], alignment: u32) -> u32 {
        let start = self.reserve(bytes.len() as u32, alignment);
        self.constants[(start - CONSTANTS) as usize..][..bytes.len()].copy_from_slice(bytes);
        start
    }

    /// The bits of a content, for which all that it points to becomes a constant.
    fn bits(&mut self, content: &Content) -> u64 {
        match content {
            Content::Bits(bits) => *bits,
            Content::NotANumber(4) => f32::NAN.to_bits().into(),
            Content::NotANumber(_) => f64::NAN.to_bits(),
            Content::Text(text) => {
                let (bytes, _) = self.encoding.encode(text);
                self.bytes(&bytes, self.encoding.alignment()).into()
            }
            Content::Elements(ty, values) => {
                let start = self.reserve(ty.size() * values.len() as u32, ty.alignment());
                for (index, value) in (0..).zip(values) {
                    self.store(ty, value, start + index * ty.size());
                }
                start.into()
            }
        }
    }

    /// Puts a value among the constants.
    fn store(&mut self, ty: &Type, value: &Value, address: u32) {
        for word in words(ty, value, address, self.encoding) {
            let bytes = self.bits(&word.content).to_le_bytes();
            let start = (word.offset - CONSTANTS) as usize;
            self.constants[start..][..word.width as usize].copy_from_slice(&bytes[..word.width as usize]);
        }
    }

    /// Constant expressions for what is passed.
    fn pass(&mut self, flat: &[(Core, Content)]) -> String {
        let mut text = String::new();
        for (core, content) in flat {
            let bits = self.bits(content);
            let _ = match core {
                Core::I32 => write!(text, " (i32.const {})", bits as u32),
                Core::I64 => write!(text, " (i64.const {bits})"),
                Core::F32 => write!(text, " (f32.reinterpret_i32 (i32.const {}))", bits as u32),
                Core::F64 => write!(text, " (f64.reinterpret_i64 (i64.const {bits}))"),
            };
        }
        text
    }

    /// Code that traps if a core value isn't what is expected. `value` is the expression for it.
    fn check_flat(&mut self, core: Core, content: &Content, value: &str) {
        match (core, content) {
            (Core::F32 | Core::F64, Content::NotANumber(_)) => {
                let name = core.name();
                self.trap_if(&format!("({name}.eq {value} {value})"));
            }
            (Core::F32, Content::Bits(_)) => {
                self.check_flat(Core::I32, content, &format!("(i32.reinterpret_f32 {value})"));
            }
            (Core::F64, Content::Bits(_)) => {
                self.check_flat(Core::I64, content, &format!("(i64.reinterpret_f64 {value})"));
            }
            (Core::I32 | Core::I64, Content::Bits(bits)) => {
                let name = core.name();
                let bits = if core == Core::I32 { u64::from(*bits as u32) } else { *bits };
                self.trap_if(&format!("({name}.ne {value} ({name}.const {bits}))"));
            }
            (Core::I64, _) => self.check_flat(Core::I32, content, &format!("(i32.wrap_i64 {value})")),
            (_, Content::NotANumber(_)) => unreachable!("no case has one where a payload is joined"),
            (_, Content::Text(text)) => {
                let (bytes, _) = self.encoding.encode(text);
                let expected = self.bytes(&bytes, 1);
                let length = bytes.len();
                let _ =
                    writeln!(self.code, "(call $same {value} (i32.const {expected}) (i32.const {length}))");
            }
            (_, Content::Elements(ty, values)) => {
                let pointer = format!("$p{}", self.pointers);
                self.pointers += 1;
                let _ = writeln!(self.code, "(local.set {pointer} {value})");
                self.trap_if(&format!("(i32.and (local.get {pointer}) (i32.const {}))", ty.alignment() - 1));
                for (index, value) in (0..).zip(values) {
                    self.check_memory(ty, value, index * ty.size(), &format!("(local.get {pointer})"));
                }
            }
        }
    }

    /// Code that traps if memory isn't as expected.
    fn check_memory(&mut self, ty: &Type, value: &Value, offset: u32, base: &str) {
        for Word { offset, width, content } in words(ty, value, offset, self.encoding) {
            let (core, load) = match (&content, width) {
                (Content::NotANumber(_), 4) => (Core::F32, "f32.load"),
                (Content::NotANumber(_), _) => (Core::F64, "f64.load"),
                (_, 1) => (Core::I32, "i32.load8_u"),
                (_, 2) => (Core::I32, "i32.load16_u"),
                (_, 4) => (Core::I32, "i32.load"),
                _ => (Core::I64, "i64.load"),
            };
            // In memory a value has no more bits than its type.
            let content = match content {
                Content::Bits(bits) if width < 8 => Content::Bits(bits & ((1 << (8 * width)) - 1)),
                content => content,
            };
            self.check_flat(core, &content, &format!("({load} offset={offset} {base})"));
        }
    }

    fn trap_if(&mut self, condition: &str) {
        let _ = writeln!(self.code, "(if {condition} (then unreachable))");
    }

    /// The locals, and the data segment.
    fn locals(&self) -> String {
        (0..self.pointers).map(|index| format!(" (local $p{index} i32)")).collect()
    }

    fn data(&self) -> String {
        let bytes: String = self.constants.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(data (i32.const {CONSTANTS}) \"{bytes}\")")
    }
}

impl Function {
    fn tuple(&self) -> (Type, Value) {
        let (types, values) = self.parameters.iter().cloned().unzip();
        (Type::Tuple(types), Value::Fields(values))
    }

    fn spills(&self) -> bool {
        self.tuple().0.flat().len() > MAX_FLAT_PARAMETERS
    }

    /// Whether the result is in memory.
    fn indirect(&self) -> bool {
        self.result.as_ref().is_some_and(|(ty, _)| ty.flat().len() > 1)
    }

    /// The core types of the parameters but for where to put the result, and of a result that is a core value.
    fn core_types(&self) -> (Vec<Core>, Vec<Core>) {
        let parameters = if self.spills() { vec![Core::I32] } else { self.tuple().0.flat() };
        let direct = self.result.as_ref().filter(|_| !self.indirect());
        (parameters, direct.map(|(ty, _)| ty.flat()).unwrap_or_default())
    }

    /// The contents of the component that exports the function as `f`.
    pub fn callee(&self, encoding: Encoding, types: &Types) -> String {
        let mut side = Side::new(encoding);
        let (ty, value) = self.tuple();
        if self.spills() {
            side.check_memory(&ty, &value, 0, "(local.get 0)");
        } else {
            for (index, (core, content)) in flatten(&ty, &value, encoding).into_iter().enumerate() {
                side.check_flat(core, &content, &format!("(local.get {index})"));
            }
        }
        let returned = match &self.result {
            Some((ty, value)) if self.indirect() => {
                let address = side.reserve(ty.size(), ty.alignment());
                side.store(ty, value, address);
                format!("(i32.const {address})")
            }
            Some((ty, value)) => side.pass(&flatten(ty, value, encoding)),
            None => String::new(),
        };
        let (parameters, mut results) = self.core_types();
        if self.indirect() {
            results.push(Core::I32);
        }
        format!(
            r#"
  (core module $m {LIBRARY}
    {data}
    (func (export "f"){parameters}{results}{locals}
{code}{returned})
    (func (export "post-return"){done}))
  (core instance $i (instantiate $m))
{definitions}
  (func (export "f"){signature}
    (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
      (post-return (core func $i "post-return")) string-encoding={encoding}))"#,
            data = side.data(),
            parameters = core_list("param", &parameters),
            results = core_list("result", &results),
            done = core_list("param", &results),
            locals = side.locals(),
            code = side.code,
            definitions = types.exported(),
            signature = types.signature(),
            encoding = encoding.name(),
        )
    }

    /// The component that exports `run`, which calls an imported function; the component given exports it.
    pub fn pair(&self, caller: Encoding, callee: Encoding, types: &Types) -> String {
        let mut side = Side::new(caller);
        let (ty, value) = self.tuple();
        let mut arguments = if self.spills() {
            let address = side.reserve(ty.size(), ty.alignment());
            side.store(&ty, &value, address);
            format!(" (i32.const {address})")
        } else {
            side.pass(&flatten(&ty, &value, caller))
        };
        let (mut parameters, results) = self.core_types();
        if self.indirect() {
            parameters.push(Core::I32);
            let _ = write!(arguments, " (i32.const {RESULTS})");
        }
        let call = format!("(call $f{arguments})");
        match &self.result {
            Some((ty, value)) if self.indirect() => {
                let _ = writeln!(side.code, "{call}");
                side.check_memory(ty, value, 0, &format!("(i32.const {RESULTS})"));
            }
            Some((ty, value)) => {
                let [(core, content)] = &flatten(ty, value, caller)[..] else { unreachable!("it is direct") };
                let _ = writeln!(side.code, "(local.set $result {call})");
                side.check_flat(*core, content, "(local.get $result)");
            }
            None => {
                let _ = writeln!(side.code, "{call}");
            }
        }
        let result = results.first().map(|core| format!(" (local $result {})", core.name()));
        format!(
            r#"(component
  (component $callee {exported})
  (instance $callee (instantiate $callee))
  (component $caller
    (import "callee" (instance $callee
{imported}
      (export "f" (func{signature}))))
    (core module $library {LIBRARY})
    (core instance $library (instantiate $library))
    (core func $f (canon lower (func $callee "f") (memory (core memory $library "memory"))
      (realloc (core func $library "realloc")) string-encoding={encoding}))
    (core module $m
      (import "library" "memory" (memory 1))
      (import "library" "same" (func $same (param i32 i32 i32)))
      (import "callee" "f" (func $f{parameters}{results}))
      {data}
      (func (export "run"){result}{locals}
{code}))
    (core instance $i (instantiate $m
      (with "library" (instance $library))
      (with "callee" (instance (export "f" (func $f))))))
    (func (export "run") (canon lift (core func $i "run"))))
  (instance $caller (instantiate $caller (with "callee" (instance $callee))))
  (func (export "run") (alias export $caller "run")))"#,
            exported = self.callee(callee, types),
            imported = types.imported(),
            signature = types.signature(),
            encoding = caller.name(),
            parameters = core_list("param", &parameters),
            results = core_list("result", &results),
            data = side.data(),
            result = result.unwrap_or_default(),
            locals = side.locals(),
            code = side.code,
        )
    }
}

fn core_list(kind: &str, types: &[Core]) -> String {
    if types.is_empty() {
        return String::new();
    }
    let names: String = types.iter().map(|core| format!(" {}", core.name())).collect();
    format!(" ({kind}{names})")
}
