//! The cache of `wasm-aot run` under attack and in bad places: planted entries, links, damage, full and
//! read-only disks, no home. The program runs in every case, and it is always the one that was built from the
//! module.

use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use super::build::check_sample;
use super::invalid::MODULE;
use super::{Bench, Mount, Outcome, names, test};
use crate::harness::{Skipped, Test};

/// Who plants things.
const OTHER: u32 = 65_533;

/// A way to make an entry wrong: its directory, and the program in it.
type Damage = fn(&Path, &Path) -> Result<()>;

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("cache/directory of others", directory_of_others),
        test("cache/entries of others", entries_of_others),
        test("cache/modes", modes),
        test("cache/damaged, eight at once", concurrent),
        test("cache/program of another entry", other_entry),
        test("cache/no home", no_home),
        test("cache/read-only", read_only),
        test("cache/noexec", noexec),
        test("cache/full disk", full_disk),
        test("cache/eviction", eviction),
        test("cache/the command", command),
        test("cache/--no-cache", |bench| {
            bench.write("a.wat", MODULE)?;
            for _ in 0..2 {
                check_sample(&bench.aot(&["run", "--no-cache", "a.wat"])?)?;
            }
            bench.has_only(&["a.wat"])
        }),
    ];
    tests.extend(
        DAMAGES.iter().map(|(name, damage)| {
            test(&format!("cache/damaged: {name}"), move |bench| damaged(bench, *damage))
        }),
    );
    tests
}

/// Ways to damage an entry, each of which must be noticed.
const DAMAGES: &[(&str, Damage)] = &[
    ("empty", |_, program| Ok(std::fs::write(program, "")?)),
    ("cut to a byte", |_, program| cut(program, |_| 1)),
    ("cut by a byte", |_, program| cut(program, |length| length - 1)),
    ("cut in half", |_, program| cut(program, |length| length / 2)),
    ("cut to its seal", |_, program| {
        let bytes = std::fs::read(program)?;
        Ok(std::fs::write(program, &bytes[bytes.len() - 64..])?)
    }),
    ("a byte more", |_, program| {
        let mut bytes = std::fs::read(program)?;
        bytes.push(0);
        Ok(std::fs::write(program, bytes)?)
    }),
    ("a bit flipped", |_, program| {
        let mut bytes = std::fs::read(program)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 16;
        Ok(std::fs::write(program, bytes)?)
    }),
    ("zeroes", |_, program| {
        let length = program.metadata()?.len();
        Ok(std::fs::write(program, vec![0; length as usize])?)
    }),
    ("a script", |_, program| Ok(std::fs::write(program, "#!/bin/sh\necho evil\n")?)),
    ("not executable", |_, program| Ok(std::fs::set_permissions(program, Permissions::from_mode(0o600))?)),
    ("no permissions", |_, program| Ok(std::fs::set_permissions(program, Permissions::from_mode(0o000))?)),
    ("set-user-ID", |_, program| Ok(std::fs::set_permissions(program, Permissions::from_mode(0o4755))?)),
    ("writable by the group", |_, program| {
        Ok(std::fs::set_permissions(program, Permissions::from_mode(0o720))?)
    }),
    ("directory writable by all", |entry, _| {
        Ok(std::fs::set_permissions(entry, Permissions::from_mode(0o777))?)
    }),
    ("a directory in its place", |_, program| {
        std::fs::remove_file(program)?;
        std::fs::create_dir_all(program.join("with/contents"))?;
        Ok(std::fs::write(program.join("with/contents/file"), "x")?)
    }),
    ("a pipe in its place", |_, program| {
        std::fs::remove_file(program)?;
        let status = std::process::Command::new("mkfifo").arg(program).status()?;
        ensure!(status.success());
        Ok(())
    }),
    ("a link to a good program", |entry, program| {
        let moved = entry.with_file_name("moved");
        std::fs::rename(program, &moved)?;
        Ok(symlink(moved, program)?)
    }),
    ("a link that leads nowhere", |_, program| {
        std::fs::remove_file(program)?;
        Ok(symlink("/nonexistent/program", program)?)
    }),
    ("its directory a link", |entry, _| {
        let moved = entry.with_file_name("moved");
        std::fs::rename(entry, &moved)?;
        Ok(symlink(moved, entry)?)
    }),
    ("its directory a file", |entry, _| {
        std::fs::remove_dir_all(entry)?;
        Ok(std::fs::write(entry, "x")?)
    }),
    ("its directory empty", |entry, _| {
        std::fs::remove_dir_all(entry)?;
        Ok(std::fs::DirBuilder::new().mode(0o700).create(entry)?)
    }),
];

fn cut(program: &Path, length: fn(u64) -> u64) -> Result<()> {
    let file = std::fs::OpenOptions::new().write(true).open(program)?;
    Ok(file.set_len(length(file.metadata()?.len()))?)
}

fn root(bench: &Bench<'_>) -> PathBuf {
    bench.path("cache/wasm-aot")
}

/// The directory of the only entry.
fn entry(bench: &Bench<'_>) -> Result<PathBuf> {
    let entries: Vec<_> = names(&root(bench))?.into_iter().filter(|name| name.len() == 64).collect();
    let [entry] = &entries[..] else { bail!("there are {} entries", entries.len()) };
    Ok(root(bench).join(entry))
}

/// Everything in the cache with its owner, mode and inode.
fn listing(directory: &Path) -> Result<Vec<(PathBuf, u32, u32, u64)>> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(path) = directories.pop() {
        let metadata = path.symlink_metadata()?;
        if metadata.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                directories.push(entry?.path());
            }
        }
        found.push((path, metadata.uid(), metadata.mode(), metadata.ino()));
    }
    found.sort();
    Ok(found)
}

/// Asserts that everything in the cache is regular, ours, and writable by no one else.
fn check_ours(bench: &Bench<'_>) -> Result<()> {
    // SAFETY: it can't fail, and touches no memory.
    let user = unsafe { libc::geteuid() };
    for (path, owner, mode, _) in listing(&root(bench))? {
        ensure!(owner == user, "{} belongs to {owner}", path.display());
        ensure!([0o040_700, 0o100_700].contains(&mode), "{} has mode {mode:o}", path.display());
    }
    Ok(())
}

/// Runs the sample, which puts it into the cache, and asserts that the next run uses it.
fn repaired(bench: &Bench<'_>) -> Result<()> {
    check_ours(bench)?;
    let before = listing(&root(bench))?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    ensure!(listing(&root(bench))? == before, "it was built again");
    Ok(())
}

fn damaged(bench: &Bench<'_>, damage: Damage) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for name in ["program", "a.wat"] {
        check_sample(&bench.aot(&["run", "a.wat"])?)?;
        let entry = entry(bench)?;
        // What would be a hard link is damaged as both.
        if name == "program" {
            std::fs::remove_file(entry.join("a.wat"))?;
        }
        damage(&entry, &entry.join(name))?;
        let outcome = bench.aot(&["run", "-v", "a.wat"])?;
        outcome.code(7)?;
        ensure!(outcome.stdout == "hello\n", "it printed {:?}", outcome.stdout);
        outcome.stderr_has(&["the program "])?;
        _ = std::fs::remove_file(root(bench).join("moved"));
        _ = std::fs::remove_dir_all(root(bench).join("moved"));
        repaired(bench)?;
    }
    Ok(())
}

/// Gives something to another user, without following it.
fn give_away(path: &Path) -> Result<()> {
    chown(path, Some(OTHER), Some(OTHER))
        .map_err(|error| Skipped(format!("can't plant files of another user: {error}")).into())
}

/// Asserts that the sample runs, with a warning, and that nothing in the cache changes.
fn refused(bench: &Bench<'_>, words: &[&str]) -> Result<()> {
    let path = bench.path("cache").canonicalize()?;
    let before = listing(&path)?;
    let outcome = bench.aot(&["run", "a.wat"])?;
    outcome.code(7)?.stderr_has(&["warning: the cache isn't used: ", "cache/wasm-aot"])?.stderr_has(words)?;
    ensure!(outcome.stdout == "hello\n", "it printed {:?}", outcome.stdout);
    ensure!(listing(&path)? == before, "the cache was changed");
    Ok(())
}

fn directory_of_others(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    let cache = root(bench);
    for mode in [0o777, 0o1777, 0o770, 0o702] {
        std::fs::set_permissions(&cache, Permissions::from_mode(mode))?;
        refused(bench, &["can be written by others"])?;
    }
    // Others may read, as in the caches of earlier versions.
    std::fs::set_permissions(&cache, Permissions::from_mode(0o755))?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    let moved = bench.path("cache/moved");
    std::fs::rename(&cache, &moved)?;
    symlink(&moved, &cache)?;
    refused(bench, &["is a symbolic link"])?;
    bench.aot(&["cache", "clean"])?.failed(&["is a symbolic link"])?;
    bench.aot(&["cache", "size"])?.failed(&["is a symbolic link"])?;
    std::fs::remove_file(&cache)?;
    std::fs::write(&cache, "a file")?;
    refused(bench, &["isn't a directory"])?;
    std::fs::remove_file(&cache)?;
    std::fs::rename(&moved, &cache)?;
    give_away(&cache)?;
    refused(bench, &["belongs to another user"])?;
    bench.aot(&["cache", "clean"])?.failed(&["belongs to another user"])?;
    // Nor is one made where it would be in the way of another user's own.
    std::fs::remove_dir_all(&cache)?;
    give_away(&bench.path("cache"))?;
    refused(bench, &["another user"])
}

/// What another user has planted, though the cache is ours by now.
fn entries_of_others(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for planted in ["", "program", "a.wat"] {
        check_sample(&bench.aot(&["run", "a.wat"])?)?;
        let entry = entry(bench)?;
        // A file of its own, not a link to the other name.
        let bytes = std::fs::read(entry.join("program"))?;
        if planted == "program" {
            std::fs::remove_file(entry.join("a.wat"))?;
        }
        if !planted.is_empty() {
            std::fs::remove_file(entry.join(planted))?;
            std::fs::write(entry.join(planted), bytes)?;
            std::fs::set_permissions(entry.join(planted), Permissions::from_mode(0o755))?;
        }
        give_away(&entry.join(planted))?;
        let outcome = bench.aot(&["run", "a.wat"])?;
        outcome.code(7)?.stderr_has(&["warning: ", "belongs to another user"])?;
        repaired(bench)?;
    }
    Ok(())
}

fn modes(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for umask in ["0", "022", "077", "0277"] {
        _ = std::fs::remove_dir_all(bench.path("cache"));
        let outcome = bench.shell(&format!("umask {umask}; $AOT run a.wat"))?;
        check_sample(&outcome).with_context(|| format!("umask {umask}"))?;
        if umask != "0277" {
            check_ours(bench).with_context(|| format!("umask {umask}"))?;
        }
    }
    Ok(())
}

fn concurrent(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    std::fs::write(entry(bench)?.join("program"), "")?;
    let children: Result<Vec<_>, std::io::Error> = (0..8)
        .map(|_| {
            let piped = Stdio::piped;
            bench.command(&["run", "a.wat"]).stdout(piped()).stderr(piped()).spawn()
        })
        .collect();
    for (number, child) in children?.into_iter().enumerate() {
        let outcome = Outcome::of(child.wait_with_output()?);
        check_sample(&outcome).with_context(|| format!("process {number}"))?;
    }
    repaired(bench)
}

/// A good program is only good under its own key, and isn't changed where it doesn't belong.
fn other_entry(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    let ours = entry(bench)?;
    bench.write("b.wat", MODULE.replace("hello", "other"))?;
    bench.aot(&["run", "b.wat"])?.code(7)?;
    let entries = names(&root(bench))?;
    let other = entries.iter().map(|name| root(bench).join(name)).find(|path| *path != ours);
    let other = other.context("there is one entry only")?.join("program");
    let before = std::fs::read(&other)?;
    for name in ["program", "a.wat"] {
        std::fs::remove_file(ours.join(name))?;
        std::fs::hard_link(&other, ours.join(name))?;
    }
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    ensure!(std::fs::read(&other)? == before, "the other program was changed");
    repaired(bench)
}

fn no_home(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let run = |variables: &[(&str, &str)]| {
        let mut command = bench.command(&["run", "a.wat"]);
        command.env_remove("XDG_CACHE_HOME").env_remove("HOME").envs(variables.iter().copied());
        anyhow::Ok(Outcome::of(command.output()?))
    };
    check_sample(&run(&[])?)?;
    check_sample(&run(&[("HOME", "")])?)?;
    check_sample(&run(&[("HOME", "relative"), ("XDG_CACHE_HOME", "relative")])?)?;
    check_sample(&run(&[("HOME", "/proc/nonexistent")])?)?;
    check_sample(&run(&[("HOME", "/dev/null")])?)?;
    let missing = bench.path("missing").display().to_string();
    check_sample(&run(&[("HOME", &missing)])?)?;
    bench.has_only(&["a.wat"])?;
    let mut command = bench.command(&["run", "-v", "a.wat"]);
    let outcome = Outcome::of(command.env_remove("XDG_CACHE_HOME").env_remove("HOME").output()?);
    outcome.code(7)?.stderr_has(&["neither XDG_CACHE_HOME nor HOME is set"])?;
    // This holds for every name of the file.
    let long = format!("{}.wat", "x".repeat(251));
    bench.write(&long, MODULE)?;
    check_sample(&bench.aot(&["run", "--no-cache", &long])?)?;
    check_sample(&bench.aot(&["run", &long])?)
}

fn read_only(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let mount = Mount::new(bench.path("cache"), "size=16m,ro")?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    bench.aot(&["run", "-v", "a.wat"])?.code(7)?.stderr_has(&["there is no cache", "Read-only"])?;
    // What was added before can be used, even under a new name.
    mount.remount("rw")?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    mount.remount("ro")?;
    for name in ["a.wat", "b.wat"] {
        bench.write(name, MODULE)?;
        let outcome = bench.aot(&["run", "-v", name])?;
        check_sample(&outcome)?;
    }
    // What is damaged can't be repaired.
    mount.remount("rw")?;
    std::fs::write(entry(bench)?.join("program"), "")?;
    mount.remount("ro")?;
    check_sample(&bench.aot(&["run", "a.wat"])?)
}

fn noexec(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let _mount = Mount::new(bench.path("cache"), "size=16m,noexec")?;
    for _ in 0..2 {
        check_sample(&bench.aot(&["run", "a.wat"])?)?;
    }
    // It is built once.
    repaired(bench)
}

fn full_disk(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for size in [4, 8, 12, 16, 20, 24] {
        let _mount = Mount::new(bench.path("cache"), &format!("size={size}k"))?;
        for _ in 0..2 {
            check_sample(&bench.aot(&["run", "a.wat"])?).with_context(|| format!("{size} KiB"))?;
        }
        for (path, ..) in listing(&bench.path("cache"))? {
            let name = path.file_name().context("it has a name")?.to_string_lossy().into_owned();
            ensure!(!name.starts_with(".new"), "{size} KiB: {name} stays");
        }
    }
    Ok(())
}

fn eviction(bench: &Bench<'_>) -> Result<()> {
    let run = |number: usize, limit: &str| {
        let name = format!("{number}.wat");
        bench.write(&name, MODULE.replace("hello", &format!("run {number}")))?;
        let output = bench.command(&["run", &name]).env("WASM_AOT_CACHE_SIZE", limit).output()?;
        let outcome = Outcome::of(output);
        ensure!(outcome.code(7)?.stdout == format!("run {number}\n"), "{}", outcome.stdout);
        anyhow::Ok(())
    };
    run(0, "")?;
    let size: u64 = bench.aot(&["cache", "size"])?.stdout.trim().parse()?;
    let first = entry(bench)?;
    let (three, two) = (format!("{}B", 3 * size), format!("{}B", 2 * size));
    run(1, &three)?;
    run(2, &three)?;
    let all = names(&root(bench))?;
    ensure!(all.len() == 3, "{all:?}");
    // The least recently run program is evicted first, but this one was run just now.
    for (name, hours) in all.iter().zip([30, 20, 10]) {
        let program = root(bench).join(name).join("program");
        let hours = if *name == first.file_name().context("a name")?.to_string_lossy() { 40 } else { hours };
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
        std::fs::File::open(program)?.set_modified(time)?;
    }
    run(0, &three)?;
    run(3, &three)?;
    ensure!(first.exists(), "what was used last was removed");
    ensure!(names(&root(bench))?.len() == 3);
    run(4, &two)?;
    ensure!(names(&root(bench))?.len() == 2);
    // A program larger than the limit isn't kept, and evicts nothing.
    run(5, "100B")?;
    ensure!(names(&root(bench))?.len() == 2);
    // Nor does the limit affect what is there.
    run(4, "0B")?;
    // What killed runs and earlier versions have left behind is removed, too.
    std::fs::create_dir(root(bench).join("ab"))?;
    std::fs::write(root(bench).join("ab/cdef"), "x")?;
    std::fs::write(root(bench).join(".new-1-1"), "x")?;
    std::fs::write(root(bench).join(".new-2-2"), "x")?;
    let time = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 3600);
    std::fs::File::options().write(true).open(root(bench).join(".new-1-1"))?.set_modified(time)?;
    run(6, "")?;
    ensure!(!root(bench).join("ab").exists() && !root(bench).join(".new-1-1").exists());
    ensure!(root(bench).join(".new-2-2").exists(), "a file that another run may be writing was removed");
    let wrong = bench.command(&["run", "0.wat"]).env("WASM_AOT_CACHE_SIZE", "much").output()?;
    Outcome::of(wrong).failed(&["WASM_AOT_CACHE_SIZE", "64KiB"])?;
    Ok(())
}

fn command(bench: &Bench<'_>) -> Result<()> {
    let path = root(bench);
    let print = |words: &[&str]| anyhow::Ok(bench.aot(words)?.code(0)?.stdout.clone());
    ensure!(print(&["cache", "path"])? == format!("{}\n", path.display()));
    ensure!(print(&["cache", "size"])? == "0\n");
    bench.aot(&["cache", "clean"])?.code(0)?.stderr_has(&["0 programs removed"])?;
    bench.has_only(&[])?;
    bench.write("a.wat", MODULE)?;
    bench.write("b.wat", MODULE.replace("hello", "other"))?;
    bench.aot(&["run", "a.wat"])?.code(7)?;
    bench.aot(&["run", "b.wat"])?.code(7)?;
    let mut bytes = 0;
    for entry in names(&path)? {
        bytes += path.join(entry).join("program").metadata()?.len();
    }
    ensure!(print(&["cache", "size"])? == format!("{bytes}\n"));
    let shown = format!("{}: 2 programs, {bytes} bytes of at most 1GiB", path.display());
    ensure!(print(&["cache"])?.starts_with(&shown), "{}", print(&["cache"])?);
    // Links are removed, not what they lead to.
    std::fs::create_dir(bench.path("precious"))?;
    bench.write("precious/file", "x")?;
    symlink(bench.path("precious"), path.join("link"))?;
    bench.aot(&["cache", "clean"])?.code(0)?.stderr_has(&["2 programs removed", &bytes.to_string()])?;
    ensure!(names(&path)?.is_empty() && bench.path("precious/file").exists());
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    let nowhere =
        bench.command(&["cache", "path"]).env_remove("XDG_CACHE_HOME").env_remove("HOME").output()?;
    Outcome::of(nowhere).failed(&["XDG_CACHE_HOME", "HOME"])?;
    Ok(())
}
