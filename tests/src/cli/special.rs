//! Outputs that aren't regular files, and links: what exists is written to, as by other compilers, and never replaced.
//! Links and devices are in the directory of the test, also those that `/dev` has: a compiler with a fault, started by
//! root, would replace those for the whole machine.

use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use super::invalid::MODULE;
use super::{Bench, Mount, Outcome, find_on_path, names, test};
use crate::harness::{Skipped, Test};

const EMIT: [&str; 4] = ["exe", "obj", "asm", "clif"];

pub fn tests() -> Vec<Test> {
    vec![
        test("special/a device stays one", device),
        test("special/a FIFO's reader gets the bytes", fifo),
        test("special/descriptors by name", descriptors),
        test("special/a process of the shell", process_substitution),
        test("special/a reader that has gone away", gone),
        test("special/a socket", |bench| {
            bench.write("a.wat", MODULE)?;
            let _listener = std::os::unix::net::UnixListener::bind(bench.path("socket"))?;
            bench
                .aot(&["build", "a.wat", "-o", "socket"])?
                .failed(&["can't write socket", "No such device or address"])?;
            ensure!(bench.path("socket").symlink_metadata()?.file_type().is_socket(), "it was replaced");
            Ok(())
        }),
        test("special/full device", |bench| {
            make_device(bench, "full", 7)?;
            bench.write("a.wat", MODULE)?;
            for emit in EMIT {
                let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", "full"])?;
                outcome.failed(&["can't write full", "No space left on device"])?;
            }
            ensure!(bench.path("full").symlink_metadata()?.file_type().is_char_device(), "it was replaced");
            Ok(())
        }),
        test("special/links are followed", links),
        test("special/links that lead nowhere", bad_links),
        test("special/a link to a full disk", |bench| {
            bench.write("a.wat", MODULE)?;
            let mount = Mount::new(bench.path("mount"), "size=8k")?;
            bench.write("mount/out", "what was there")?;
            symlink("mount/out", bench.path("link"))?;
            bench.aot(&["build", "a.wat", "-o", "link"])?.failed(&["No space left on device"])?;
            let kept = std::fs::read_to_string(bench.path("mount/out"))? == "what was there";
            let left = names(&bench.path("mount"))?;
            drop(mount);
            ensure!(kept && left == ["out"], "the old file is gone, or more is there: {left:?}");
            Ok(())
        }),
    ]
}

/// What each kind of output is when it goes to a file.
fn expected(bench: &Bench<'_>) -> Result<Vec<(&'static str, Vec<u8>)>> {
    bench.write("a.wat", MODULE)?;
    let one = |emit| {
        bench.aot(&["build", "a.wat", "-q", "--emit", emit, "-o", "expected"])?.code(0)?;
        if emit == "obj" {
            // Which goes with a file, but with nothing else.
            std::fs::remove_file(bench.path("a.h"))?;
        }
        Ok((emit, std::fs::read(bench.path("expected"))?))
    };
    EMIT.into_iter().map(one).collect()
}

/// A device of Linux's memory driver: 3 is `/dev/null`, 7 `/dev/full`.
fn make_device(bench: &Bench<'_>, name: &str, minor: u32) -> Result<()> {
    match bench.shell(&format!("mknod {name} c 1 {minor} && exec 3> {name}"))?.code {
        0 => Ok(()),
        _ => Err(Skipped("can't make devices, or use them".to_owned()).into()),
    }
}

fn device(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    make_device(bench, "null", 3)?;
    symlink("null", bench.path("link"))?;
    for emit in EMIT {
        for name in ["null", "link"] {
            bench.aot(&["build", "-q", "a.wat", "--emit", emit, "-o", name])?.code(0)?;
        }
    }
    ensure!(bench.path("null").symlink_metadata()?.file_type().is_char_device(), "it was replaced");
    bench.has_only(&["a.wat", "link", "null"])
}

fn fifo(bench: &Bench<'_>) -> Result<()> {
    for (emit, bytes) in expected(bench)? {
        let script = format!(
            "rm -f fifo; mkfifo fifo; timeout 20 cat fifo > got & $AOT build -q a.wat --emit {emit} -o fifo; code=$?; wait; exit $code"
        );
        bench.shell(&script)?.code(0)?;
        ensure!(std::fs::read(bench.path("got"))? == bytes, "{emit}: the reader got something else");
        ensure!(bench.path("fifo").symlink_metadata()?.file_type().is_fifo(), "it was replaced");
    }
    bench.has_only(&["a.wat", "expected", "fifo", "got"])
}

fn descriptors(bench: &Bench<'_>) -> Result<()> {
    // Like /dev/stdout.
    symlink("/proc/self/fd/1", bench.path("stdout"))?;
    symlink("stdout", bench.path("link"))?;
    for (emit, bytes) in expected(bench)? {
        let build = |output: &str, rest: &str| {
            let script = format!("$AOT build -q a.wat --emit {emit} -o {output} {rest}");
            bench.shell(&script)?.code(0)?;
            let got = std::fs::read(bench.path("got"))?;
            ensure!(got == bytes, "{script}: got {} bytes, not {}", got.len(), bytes.len());
            anyhow::Ok(())
        };
        for output in ["-", "stdout", "link", "/dev/fd/1", "/proc/self/fd/1"] {
            build(output, "| cat > got")?;
            build(output, "> got")?;
        }
        build("/dev/fd/2", "2> got")?;
        build("/dev/fd/3", "3> got")?;
        build("/dev/fd/3", "3>&1 > /dev/null | cat > got")?;
    }
    // The contents of the file before and after stay.
    let script = "(echo before; $AOT build -q a.wat --emit clif -o stdout; echo behind) > got";
    bench.shell(script)?.code(0)?;
    let got = std::fs::read_to_string(bench.path("got"))?;
    ensure!(got.starts_with("before\n;; count\n") && got.ends_with("\nbehind\n"), "{got}");
    bench
        .shell("exec $AOT build a.wat -o /dev/fd/99")?
        .failed(&["can't write /dev/fd/99", "Bad file descriptor"])?;
    bench.has_only(&["a.wat", "expected", "got", "link", "stdout"])
}

fn process_substitution(bench: &Bench<'_>) -> Result<()> {
    if find_on_path("bash").is_none() {
        return Err(Skipped("bash is not installed".to_owned()).into());
    }
    for (emit, bytes) in expected(bench)? {
        // The shell doesn't wait for the process, so this does.
        let script = format!(
            "$AOT build -q a.wat --emit {emit} -o >(cat > part; mv part got) || exit 1; until test -e got; do sleep 0.05; done"
        );
        bench.shell(&format!("timeout 20 bash -c '{script}'"))?.code(0)?;
        ensure!(std::fs::read(bench.path("got"))? == bytes, "{emit}: the process got something else");
        std::fs::remove_file(bench.path("got"))?;
    }
    bench.has_only(&["a.wat", "expected"])
}

fn gone(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for emit in EMIT {
        for output in ["-", "/dev/fd/1"] {
            let (reader, writer) = std::io::pipe()?;
            drop(reader);
            let mut build = bench.command(&["build", "a.wat", "--emit", emit, "-o", output]);
            let outcome = Outcome::of(build.stdout(writer).stderr(Stdio::piped()).output()?);
            outcome.failed(&["can't write", "its reader has gone away", "Broken pipe"])?;
        }
    }
    bench.has_only(&["a.wat"])
}

fn links(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir_all(bench.path("there/deep"))?;
    // (link, target, where the file is)
    let cases = [
        ("link", "there/old", "there/old"),
        ("there/link", "old", "there/old"),
        ("there/deep/link", "../../old", "old"),
        ("chain", "there/link", "there/old"),
        ("dangling", "there/new", "there/new"),
    ];
    let expected = expected(bench)?;
    for (link, target, file) in cases {
        symlink(target, bench.path(link))?;
        for (emit, bytes) in &expected {
            if link != "dangling" {
                bench.write(file, "old")?;
            }
            bench.aot(&["build", "-q", "a.wat", "--emit", emit, "-o", link])?.code(0)?;
            ensure!(std::fs::read_link(bench.path(link))?.to_str() == Some(target), "{link} was replaced");
            let found = bench.path(file);
            ensure!(!found.is_symlink() && std::fs::read(found)? == *bytes, "{link}: {emit} isn't in {file}");
        }
    }
    // The file is replaced whole: who has the old one open keeps it.
    bench.write("old", "what was there")?;
    let mut old = std::fs::File::open(bench.path("old"))?;
    symlink("old", bench.path("last"))?;
    bench.aot(&["build", "-q", "a.wat", "-o", "last"])?.code(0)?;
    ensure!(std::io::read_to_string(&mut old)? == "what was there", "the old file was written");
    ensure!(std::fs::read(bench.path("old"))? == expected[0].1, "the file is another one");
    ensure!(names(&bench.path("there"))? == ["deep", "link", "new", "old"], "something stays");
    bench.has_only(&["a.wat", "chain", "dangling", "expected", "last", "link", "old", "there"])
}

fn bad_links(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for (link, target, words) in [
        ("loop", "loop", "symbolic links"),
        ("nowhere", "missing/file", "No such file or directory"),
        ("directory", ".", "it is a directory"),
    ] {
        symlink(target, bench.path(link))?;
        for emit in EMIT {
            let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", link])?;
            outcome.failed(&[&format!("can't write {link}"), words]).context(link)?;
        }
        ensure!(bench.path(link).is_symlink(), "{link} was replaced");
    }
    bench.has_only(&["a.wat", "directory", "loop", "nowhere"])
}
