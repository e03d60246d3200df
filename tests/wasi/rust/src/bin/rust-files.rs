// windows: times are multiples of 100 ns
// Files and directories through Rust's library: what each operation answers, and what is there afterwards.
use std::fmt::Debug;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Prints what an operation answered.
fn show<T: Debug>(what: &str, result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => {
            println!("{what}: {value:?}");
            Some(value)
        }
        Err(error) => {
            println!("{what}: {:?} ({:?})", error.kind(), error.raw_os_error());
            None
        }
    }
}

fn kind(path: &str) -> io::Result<(bool, bool, bool, u64)> {
    let status = fs::symlink_metadata(path)?;
    let kind = status.file_type();
    // The size of a directory is the file system's.
    let size = if kind.is_dir() { 0 } else { status.len() };
    Ok((kind.is_file(), kind.is_dir(), kind.is_symlink(), size))
}

fn names(path: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

fn directories() {
    show("make", fs::create_dir("/d"));
    show("make again", fs::create_dir("/d"));
    show("make in nothing", fs::create_dir("/none/d"));
    show("make all", fs::create_dir_all("/d/e/f/g"));
    show("make all again", fs::create_dir_all("/d/e/f/g"));
    show("write", fs::write("/d/e/file", "contents"));
    show("make in a file", fs::create_dir_all("/d/e/file/x"));
    show("names", names("/d/e"));
    show("names of nothing", names("/none"));
    show("names of a file", names("/d/e/file"));
    show("remove what isn't empty", fs::remove_dir("/d/e"));
    show("remove a file as a directory", fs::remove_dir("/d/e/file"));
    show("remove a directory as a file", fs::remove_file("/d/e"));
    show("remove", fs::remove_dir("/d/e/f/g"));
    for i in 0..300 {
        fs::write(format!("/d/e/f/entry {i}"), i.to_string()).unwrap();
    }
    println!("{:?}", names("/d/e/f").map(|names| names.len()));
    show("remove all", fs::remove_dir_all("/d"));
    show("names", names("/"));
    show("remove all again", fs::remove_dir_all("/d"));
}

fn opening() {
    let path = "/file";
    show("open nothing", File::open(path).map(drop));
    show("create new", File::create_new(path).and_then(|mut file| file.write_all(b"0123456789")));
    show("create new again", File::create_new(path).map(drop));
    let mut options = OpenOptions::new();
    show("with nothing", options.open(path).map(drop));
    show("truncating without writing", options.read(true).truncate(true).open(path).map(drop));
    show("appending and truncating", OpenOptions::new().append(true).truncate(true).open(path).map(drop));
    let mut appending = OpenOptions::new().read(true).append(true).open(path).unwrap();
    show("append", appending.write(b"abc"));
    show("position", appending.stream_position());
    show("read", fs::read_to_string(path));
    show("write to what is for reading", File::open(path).unwrap().write(b"x"));
    let mut byte = [0];
    show("read what is for writing", OpenOptions::new().write(true).open(path).unwrap().read(&mut byte));
    show("open a directory", File::open("/").map(|file| file.metadata().unwrap().is_dir()));
    show("write a directory", OpenOptions::new().write(true).open("/").map(drop));
    show("create", File::create(path).and_then(|file| file.metadata()).map(|status| status.len()));
    show("copy", fs::write(path, "copied").and_then(|()| fs::copy(path, "/copy")));
    show("copy of nothing", fs::copy("/none", "/copy2"));
    show("read the copy", fs::read_to_string("/copy"));
    show("not UTF-8", fs::write("/bytes", b"\xff").and_then(|()| fs::read_to_string("/bytes")));
    for name in ["a\0b", "", "/", "..", "../x", "file/", "file/.", "./file", "//file"] {
        show(&format!("{name:?}"), File::open(Path::new("/").join(name)).map(drop));
        show(&format!("{name:?} itself"), fs::metadata(name).map(|status| status.is_dir()));
    }
}

fn positions() -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open("/positions")?;
    show("write", file.write_vectored(&[IoSlice::new(b""), IoSlice::new(b"one")]));
    show("seek", file.seek(SeekFrom::End(7)));
    file.write_all(b"two")?;
    show("length", file.metadata().map(|status| status.len()));
    show("seek before the start", file.seek(SeekFrom::Current(-100)));
    show("seek to the start", file.rewind());
    let (mut a, mut b) = ([0; 2], [0; 0]);
    show("read", file.read_vectored(&mut [IoSliceMut::new(&mut b), IoSliceMut::new(&mut a)]));
    println!("{a:?} {:?}", file.stream_position());
    show("shorten", file.set_len(2));
    show("read at the end", file.read(&mut a));
    show("lengthen", file.set_len(5000));
    show("large", file.set_len(1 << 33));
    show("seek far", file.seek(SeekFrom::Start((1 << 33) - 2)));
    let mut rest = Vec::new();
    show("read the rest", file.read_to_end(&mut rest));
    show("sync", file.sync_all().and_then(|()| file.sync_data()));
    show("length", file.seek(SeekFrom::End(0)));
    show("clone", file.try_clone().map(drop));
    fs::remove_file("/positions")?;
    show("write to what is removed", file.write(b"x"));
    Ok(())
}

fn links() {
    fs::write("/target", "the target").unwrap();
    show("link", fs::hard_link("/target", "/hard"));
    show("link again", fs::hard_link("/target", "/hard"));
    show("link to nothing", fs::hard_link("/none", "/hard2"));
    fs::create_dir("/dir").unwrap();
    show("link to a directory", fs::hard_link("/dir", "/hard2"));
    show("same file", fs::write("/hard", "changed").and_then(|()| fs::read_to_string("/target")));
    show("kind", kind("/hard"));
    show("read as a link", fs::read_link("/hard"));
    show("rename", fs::rename("/hard", "/renamed"));
    show("rename over itself", fs::rename("/target", "/renamed"));
    show("rename nothing", fs::rename("/none", "/x"));
    show("rename over a directory", fs::rename("/target", "/dir"));
    show("rename a directory over a file", fs::rename("/dir", "/target"));
    show("rename into itself", fs::rename("/dir", "/dir/sub"));
    show("rename into a directory", fs::rename("/renamed", "/dir/renamed"));
    show("rename out", fs::rename("/dir/renamed", "/../x"));
    show("names", names("/").map(|names| names.join(" ")));
    show("exists", fs::exists("/dir/renamed"));
    show("exists not", fs::exists("/dir/none"));
    show("exists beneath a file", fs::exists("/target/none"));
}

fn times() {
    let file = File::create("/times").unwrap();
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::new(seconds, 123_456_789);
    show("set", file.set_times(FileTimes::new().set_accessed(at(10)).set_modified(at(1_000_000_000))));
    let status = file.metadata().unwrap();
    println!("{:?} {:?}", status.accessed().unwrap() == at(10), status.modified().unwrap() == at(1_000_000_000));
    show("set one", file.set_modified(at(5_000_000_000)));
    let status = fs::metadata("/times").unwrap();
    println!("{:?} {:?}", status.accessed().unwrap() == at(10), status.modified().unwrap() == at(5_000_000_000));
    show("before 1970", file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(1)));
}

fn main() {
    directories();
    opening();
    positions().unwrap();
    links();
    times();
    show("all names", names("/").map(|names| names.join(" ")));
}
