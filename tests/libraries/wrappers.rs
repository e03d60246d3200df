//! A program that uses the wrappers of `wrappers.wat` in all ways, with one instance or, with `--cfg many`, with many.

use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use library::{EndCall, Exports, Instance, Options, Stream, Trap, V128};

mod library {
    include!(env!("LIBRARY"));
}

/// The imports, with a number that the instances of a program differ in, and a record of calls.
struct Imports {
    number: i64,
    calls: Arc<Mutex<Vec<i32>>>,
    depth: RefCell<u32>,
}

impl library::Imports for Imports {
    fn env_all(
        &self,
        _: &mut Exports,
        a: i32,
        b: i64,
        c: f32,
        d: f64,
        e: V128,
        f: *mut c_void,
    ) -> Result<(i32, i64, f32, f64, V128, *mut c_void), EndCall> {
        let mut reversed = e.0;
        reversed.reverse();
        Ok((a + 1, b * 2, c / 2.0, -d, V128(reversed), f.wrapping_byte_add(8)))
    }

    fn env_i64(&self, _: &mut Exports, value: i64) -> Result<i64, EndCall> {
        Ok(value + self.number)
    }

    fn env_f32(&self, _: &mut Exports, value: f32) -> Result<f32, EndCall> {
        Ok(value * 2.0)
    }

    fn env_v128(&self, exports: &mut Exports, value: V128) -> Result<V128, EndCall> {
        exports.set_vector(value);
        Ok(V128(value.0.map(|byte| !byte)))
    }

    fn env_externref(&self, exports: &mut Exports, value: *mut c_void) -> Result<*mut c_void, EndCall> {
        let last = exports.reference();
        exports.set_reference(value);
        Ok(last)
    }

    fn env_again(&self, exports: &mut Exports, value: i32) -> Result<i32, EndCall> {
        self.calls.lock().unwrap().push(value);
        *self.depth.borrow_mut() += 1;
        let result = exports.down(value).map_err(|_| EndCall);
        exports.memory_mut()[1000] += 1;
        *self.depth.borrow_mut() -= 1;
        result
    }

    fn env_end(&self, _: &mut Exports) -> Result<(), EndCall> {
        // It is dropped before the call ends.
        let _calls = self.calls.lock().unwrap();
        Err(EndCall)
    }
}

fn make(number: i64, options: Options) -> (Result<Instance, Trap>, Arc<Mutex<Vec<i32>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    (Instance::new(options, Imports { number, calls: calls.clone(), depth: RefCell::new(0) }), calls)
}

fn values(instance: &mut Instance, number: i64) {
    let vector = V128(std::array::from_fn(|place| place as u8));
    let object = &mut 5u64 as *mut u64 as *mut c_void;
    let (a, b, c, d, e, f) = instance.all(-1, i64::MIN / 2, 3.0, f64::MAX, vector, object).unwrap();
    assert_eq!((a, b, c, d), (0, i64::MIN, 1.5, -f64::MAX));
    assert!(e.0.iter().rev().eq(vector.0.iter()) && f == object.wrapping_byte_add(8));
    assert_eq!(instance.i64(1 << 40).unwrap(), (1 << 40) + number);
    assert_eq!(instance.f32(0.75).unwrap(), 1.5);
    assert_eq!(instance.vector().0[..9], [1, 0, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!(instance.turn(vector).unwrap().0, vector.0.map(|byte| !byte));
    assert_eq!(instance.vector(), vector);
    assert!(instance.externref(object).unwrap().is_null());
    assert_eq!(instance.externref(std::ptr::null_mut()).unwrap(), object);
    assert_eq!((instance.counter(), instance.table_size()), (7, 3));
    instance.set_counter(-1);
    assert_eq!(instance.counter(), -1);
}

fn calls_and_traps(instance: &mut Instance, calls: &Mutex<Vec<i32>>) {
    assert_eq!(instance.down(5).unwrap(), 5);
    assert_eq!(*calls.lock().unwrap(), [4, 3, 2, 1, 0]);
    assert_eq!((instance.memory().len(), instance.memory()[1000]), (65536, 5));
    assert_eq!(instance.grow(2).unwrap(), 1);
    assert_eq!(instance.memory().len(), 3 * 65536);

    let trap = instance.load(3 * 65536 - 3).unwrap_err();
    assert_eq!((trap.code(), trap.message()), (Trap::OUT_OF_BOUNDS_MEMORY_ACCESS, "out of bounds memory access"));
    assert!(trap.backtrace().contains("load"), "{}", trap.backtrace());
    assert_eq!(instance.load(0).unwrap_err().code(), Trap::UNUSABLE);
    assert_eq!(instance.memory()[1000], 5, "memories can still be read");
    instance.reset().unwrap();
    assert_eq!((instance.memory().len(), instance.memory()[1000], instance.counter()), (65536, 0, 7));

    assert_eq!(instance.end().unwrap_err().code(), Trap::HOST);
    assert!(calls.try_lock().is_ok(), "what an import owns is dropped when it ends the call");
    instance.reset().unwrap();
    assert_eq!(instance.recurse().unwrap_err().code(), Trap::CALL_STACK_EXHAUSTED);
    instance.reset().unwrap();
    let exit = instance.exit(3).unwrap_err();
    assert_eq!((exit.code(), exit.exit_code()), (Trap::EXITED, Some(3)));
    instance.reset().unwrap();
    assert_eq!(instance.load(64).unwrap(), i32::from_le_bytes(*b"hell"));
}

fn main() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let taken = written.clone();
    let options = Options::default()
        .argument("program")
        .argument("one")
        .variable("A=b")
        .no_streams()
        .input(|buffer| {
            buffer[..3].copy_from_slice(b"abc");
            Ok(3)
        })
        .output(move |stream, bytes| {
            assert_eq!(stream, Stream::Output);
            taken.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        });
    let (instance, calls) = make(10, options);
    let mut instance = instance.unwrap();
    values(&mut instance, 10);
    calls_and_traps(&mut instance, &calls);
    assert_eq!(instance.greet().unwrap(), 0);
    assert_eq!(*written.lock().unwrap(), b"hello\n");
    assert_eq!(instance.ask().unwrap(), 0);
    assert_eq!(&instance.memory()[64..70], b"abclo\n");
    assert_eq!(instance.arguments().unwrap(), 2);

    // Another thread goes on with it.
    let mut instance = std::thread::spawn(move || {
        assert_eq!(instance.i64(1).unwrap(), 11);
        instance
    })
    .join()
    .unwrap();

    let error = make(0, Options::default().argument("zero\0")).0.err().unwrap();
    assert_eq!(error.code(), Trap::INVALID_OPTIONS);
    others(&mut instance);
    drop(instance);
    let (again, calls) = make(20, Options::default());
    values(&mut again.unwrap(), 20);
    assert!(calls.lock().unwrap().is_empty());
}

#[cfg(not(many))]
fn others(instance: &mut Instance) {
    let error = make(0, Options::default()).0.err().unwrap();
    assert_eq!(error.code(), Trap::ALREADY_INSTANTIATED);
    assert_eq!(instance.i64(1).unwrap(), 11, "the one that is there isn't touched");
}

#[cfg(many)]
fn others(instance: &mut Instance) {
    let mut instances: Vec<Instance> =
        (0..50).map(|number| make(number, Options::default()).0.unwrap()).collect();
    for (number, other) in instances.iter_mut().enumerate() {
        values(other, number as i64);
        other.memory_mut()[2000] = number as u8;
    }
    instances[7].recurse().unwrap_err();
    assert_eq!(instances[8].i64(1).unwrap(), 9);
    for (number, other) in instances.iter().enumerate() {
        assert_eq!(other.memory()[2000], number as u8);
    }
    // All at once, each in a thread.
    std::thread::scope(|scope| {
        for (number, other) in instances.iter_mut().enumerate().filter(|(number, _)| *number != 7) {
            scope.spawn(move || {
                for value in 0..1000 {
                    assert_eq!(other.i64(value).unwrap(), value + number as i64);
                }
            });
        }
    });
    assert_eq!(instance.i64(1).unwrap(), 11);
}
