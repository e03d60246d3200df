//! What the errors of the library's interface say.

use super::*;

fn compile(text: &str, change: impl FnOnce(Compiler) -> Compiler) -> Result<Artifact> {
    let compiler = Compiler::new(Target::find("x86_64-linux").unwrap()).emit(Emit::ProgramObject);
    change(compiler).compile(&wat::parse_str(text).unwrap())
}

fn failure(text: &str, change: impl FnOnce(Compiler) -> Compiler) -> Error {
    compile(text, change).expect_err(text)
}

#[test]
fn places_in_modules() {
    let text = "(module (func) (func $wrong (result i32) (f32.const 1)))";
    let error = failure(text, |compiler| compiler);
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    let function = error.function().unwrap();
    assert_eq!((function.index, function.name.as_deref()), (1, Some("wrong")));
    let offset = error.offset().unwrap();
    assert!(error.to_string().contains(&format!("byte offset {offset:#x}: type mismatch")), "{error}");
    let wasm = wat::parse_str(text).unwrap();
    assert!(wasm.len() as u64 > offset);

    let simd = "(module (func (result v128) (v128.const i32x4 1 2 3 4)))";
    let error = failure(simd, |compiler| compiler.features("all,-simd,-relaxed-simd").unwrap());
    assert_eq!(error.kind(), ErrorKind::UnsupportedFeature);
    assert_eq!(error.help(), Some("it is not among --features"));
    assert!(error.offset().is_some());

    let error = failure("(component)", |compiler| compiler);
    assert_eq!(error.kind(), ErrorKind::Entry);
}

#[test]
fn kinds() {
    let fuel = |compiler: Compiler| {
        let mut policy = Policy::default();
        policy.limits.fuel = Some(1);
        compiler.policy(policy)
    };
    let table = |compiler: Compiler| {
        let mut policy = Policy::default();
        policy.limits.table = Some(1);
        compiler.policy(policy)
    };
    let unchanged = |compiler: Compiler| compiler;
    let macos = |mut compiler: Compiler| {
        compiler.plan.target = Target::find("aarch64-macos").unwrap();
        compiler
    };
    let linker =
        |compiler: Compiler| compiler.emit(Emit::Executable).linker(Linker::Path("/no/linker".into()));
    type Change<'c> = &'c dyn Fn(Compiler) -> Compiler;
    let cases: [(&str, Change<'_>, ErrorKind); 9] = [
        (r#"(module (import "a" "b" (func)))"#, &unchanged, ErrorKind::UnknownImport),
        (
            r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#,
            &unchanged,
            ErrorKind::ImportType,
        ),
        ("(module (table 2 funcref))", &table, ErrorKind::Limit),
        ("(module (memory 1 1 shared))", &fuel, ErrorKind::Policy),
        (r#"(module (func (export "_start") (param i32)))"#, &unchanged, ErrorKind::Entry),
        ("(module)", &|compiler| compiler.invoke("f"), ErrorKind::Entry),
        ("(module)", &|compiler| compiler.cpu("no-such-cpu"), ErrorKind::Target),
        (
            r#"(module (type $s (struct)) (func (export "_start") (drop (struct.new $s))))"#,
            &macos,
            ErrorKind::Unsupported,
        ),
        ("(module)", &linker, ErrorKind::Link),
    ];
    for (text, change, kind) in cases {
        let error = failure(text, change);
        assert_eq!(error.kind(), kind, "{text}: {error}");
    }
    assert_eq!(Target::find("\x1b[2J").unwrap_err().to_string().find('\x1b'), None);
}

#[test]
fn files() {
    let artifact = compile("(module)", |compiler| compiler).unwrap();
    let error = artifact.write_to("/no/such/directory/file").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    artifact.write_to(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), artifact.bytes());
}

#[test]
fn choices_are_shown_without_archives() {
    let compiler = Compiler::new(Target::find("x86_64-linux").unwrap());
    let shown = format!("{compiler:?}");
    assert!(shown.contains("target: x86_64-linux") && shown.len() < 4096, "{shown}");
}
