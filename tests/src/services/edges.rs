//! What services do at their limits: few descriptors, no processes, thousands of clients, the end at any time; and what
//! components may do with a response that isn't usual.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::{LAST, Server, read_all, unchunk};

/// How long anything here may take.
const MOST: Duration = Duration::from_secs(20);

/// The service that is built in the directory, run by a shell that first does something.
fn run_after(first: &str, directory: &Path, arguments: &str) -> Result<Server> {
    let mut command = Command::new("sh");
    let line = format!("{first}; exec ./handler --listen 127.0.0.1:0 {arguments}");
    command.args(["-c", &line]).current_dir(directory);
    Server::run(command)
}

/// A server ends whenever it is told to, even if its workers have just begun, or not yet.
pub fn end_at_once(directory: &Path) -> Result<()> {
    drop(Server::start(directory, &[], &[])?);
    for round in 0..120 {
        let workers = ["2", "3", "5", "20"][round % 4];
        let mut command = Command::new(directory.join("handler"));
        command.args(["--listen", "127.0.0.1:0", "--workers", workers]);
        let mut server = Server::run(command)?;
        thread::sleep(Duration::from_micros(round as u64 * 17));
        server.signal()?;
        server.ends(MOST).with_context(|| format!("round {round}"))?;
    }
    Ok(())
}

/// With few descriptors there are fewer connections, of which the idle ones give way, and nothing else happens.
pub fn few_descriptors(directory: &Path) -> Result<()> {
    drop(Server::start(directory, &[], &[])?);
    // What can be raised is raised.
    let server = run_after("ulimit -S -n 32", directory, "")?;
    let clients = (0..200).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    for mut client in clients {
        client.write_all(LAST.as_bytes())?;
        ensure!(read_all(client)?.ends_with("hello, world\n"), "the limit isn't raised");
    }
    let mut server = run_after("ulimit -n 32", directory, "")?;
    let start = Instant::now();
    let idle = (0..200).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    ensure!(server.ask(LAST.as_bytes())?.ends_with("hello, world\n"), "idle connections don't give way");
    // Others wait for those on which there is a request.
    let busy = (0..50).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    for mut client in &busy {
        _ = client.write_all(b"GET");
    }
    thread::sleep(Duration::from_secs(2));
    ensure!(processor_time(server.process.id())? < 50, "it waits by being busy");
    drop((idle, busy));
    for _ in 0..50 {
        ensure!(server.ask(LAST.as_bytes())?.ends_with("hello, world\n"), "nobody is answered any more");
    }
    ensure!(start.elapsed() < MOST, "others wait for {:?}", start.elapsed());
    server.signal()?;
    server.ends(MOST)
}

/// Hundredths of a second that a process has computed.
fn processor_time(process: u32) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    number(11).zip(number(12)).map(|(user, system)| user + system).context("no times")
}

/// The processes whose parent this is.
fn children(process: u32) -> Result<Vec<String>> {
    let listed = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    Ok(listed.split_whitespace().map(str::to_owned).collect())
}

/// Workers that end are replaced, however many that are, and the server outlives all of them.
pub fn replaced_workers(directory: &Path) -> Result<()> {
    let mut server = Server::start(directory, &[], &["--workers=3"])?;
    for _ in 0..3 {
        let start = Instant::now();
        let workers = loop {
            let workers = children(server.process.id())?;
            if workers.len() == 3 {
                break workers;
            }
            ensure!(start.elapsed() < MOST, "they aren't replaced");
            thread::sleep(Duration::from_millis(10));
        };
        ensure!(Command::new("kill").arg("-9").args(&workers).status()?.success());
        ensure!(server.ask(LAST.as_bytes())?.ends_with("hello, world\n"));
    }
    server.signal()?;
    server.ends(MOST)
}

/// Answers that have no body have none, whatever the component writes, and what follows CONNECT isn't a request.
pub fn bodiless(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    for first in ["GET /2", "GET /3", "HEAD /x", "HEAD /c", "POST /2", "HEAD /2"] {
        let request = format!("{first} HTTP/1.1\r\nHost: a\r\n\r\n{LAST}");
        let answer = server.ask(request.as_bytes())?;
        let (head, rest) = answer.split_once("\r\n\r\n").context("no head")?;
        let is_right = rest.starts_with("HTTP/1.1 200 ") && rest.ends_with("\r\n\r\nhello, world\n");
        ensure!(is_right && !head.contains("transfer-encoding"), "{first}: {answer:?}");
    }
    let request = format!("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n{LAST}");
    let answer = server.ask(request.as_bytes())?;
    let is_right = answer.matches("HTTP/1.1").count() == 1
        && answer.ends_with("connection: close\r\n\r\n")
        && !answer.contains("transfer-encoding")
        && !answer.contains("content-length");
    ensure!(is_right, "CONNECT: {answer:?}");
    Ok(())
}

/// What is written before the response is set isn't lost if its head is large.
pub fn early_body(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    for slow in [false, true] {
        let mut client = server.connect()?;
        client.write_all(b"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
        if slow {
            thread::sleep(Duration::from_millis(500));
        }
        let answer = read_all(client)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no head")?;
        ensure!(head.contains(&"a".repeat(60_000)), "a part of the head is lost");
        let body = unchunk(body.as_bytes()).context("the body isn't complete")?;
        ensure!(body == [b'a'; 16 << 10], "{} bytes of the body", body.len());
    }
    Ok(())
}

/// Components that misuse resources trap, soon, and the next one finds everything as it was.
pub fn misuse(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    let start = Instant::now();
    for path in ["k", "f", "l", "k", "f", "l"] {
        let request = format!("POST /{path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde{LAST}");
        let answer = server.ask(request.as_bytes())?;
        ensure!(
            answer.starts_with("HTTP/1.1 500 ") && answer.ends_with("hello, world\n"),
            "/{path}: {answer:?}"
        );
    }
    ensure!(start.elapsed() < MOST, "it takes {:?}", start.elapsed());
    Ok(())
}

/// Thousands of clients at once have their answers, and so have ten thousand requests of one client.
pub fn thousands(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &["--workers=2"])?;
    let start = Instant::now();
    // Each round is as large as this process may have descriptors for.
    for round in 0..8 {
        let mut clients = (0..400).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
        clients.iter_mut().try_for_each(|client| client.write_all(LAST.as_bytes()))?;
        for client in clients {
            ensure!(read_all(client)?.ends_with("hello, world\n"), "round {round}");
        }
    }
    let mut client = server.connect()?;
    let mut sender = client.try_clone()?;
    let answers = thread::scope(|scope| -> Result<usize> {
        scope.spawn(move || {
            let many = "GET /c HTTP/1.1\r\nHost: a\r\n\r\n".repeat(9_999) + LAST;
            _ = sender.write_all(many.as_bytes());
        });
        count(&mut client, b"\r\n\r\nhello, world\n")
    })?;
    ensure!(answers == 10_000, "{answers} answers");
    ensure!(start.elapsed() < 2 * MOST, "it takes {:?}", start.elapsed());
    Ok(())
}

/// How often something is in what the server sends.
fn count(client: &mut TcpStream, wanted: &[u8]) -> Result<usize> {
    let mut all = Vec::new();
    if let Err(error) = client.read_to_end(&mut all) {
        bail!("after {} bytes: {error}", all.len());
    }
    Ok(all.windows(wanted.len()).filter(|window| *window == wanted).count())
}
