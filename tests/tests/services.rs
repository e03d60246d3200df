//! HTTP services as servers: what a handler written by hand (`tests/services/handler.wat`) answers to good, bad, slow and
//! broken clients, whether requests can see each other, and how a server starts and ends.
//! `cargo test --release -p wasm-aot-tests --test services [-- WORDS]`.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wasm_aot_tests::harness::{Test, main_of};
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::services::{GET, LAST, Server, build, edges, read_all, unchunk};

/// Requests, and the statuses of the answers to them, after which the connection is closed.
const MALFORMED: &[(&str, u16)] = &[
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET /\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: a\n\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("GET / HTTP/0.9\r\n\r\n", 505),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTPS/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1,1\r\nHost: a\r\n\r\n", 400),
    ("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("\u{16}\u{3}\u{1}\0\u{1}", 400),
    ("\0", 400),
    ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n: nothing\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nx: \0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nx: a\rb: c\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: else\r\n\r\n", 417),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 413),
];

fn malformed(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &["--max-body", "1000000"])?;
    let long_target = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70_000));
    let long_field = format!("GET / HTTP/1.1\r\nHost: a\r\nx: {}\r\n\r\n", "a".repeat(70_000));
    let many_fields = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "x: a\r\n".repeat(100));
    let large = [(&*long_target, 414), (&*long_field, 431), (&*many_fields, 431)];
    for (request, status) in MALFORMED.iter().copied().chain(large) {
        let request: Vec<u8> = request.chars().map(|c| c as u8).collect();
        let shown = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
        // Whatever follows isn't a request.
        let answer = server.ask(&[&request, GET.as_bytes()].concat()).with_context(|| shown.clone())?;
        let is_right = answer.starts_with(&format!("HTTP/1.1 {status} "))
            && answer.ends_with("connection: close\r\n\r\n")
            && !answer.contains("hello");
        ensure!(is_right, "{shown:?} has the answer {answer:?}");
    }
    ensure!(server.ask(LAST.as_bytes())?.ends_with("\r\n\r\nhello, world\n"));
    Ok(())
}

/// Parts of what the server answers, in order: first how that begins, last how it ends.
const EXCHANGES: &[(&str, &[&str])] = &[
    (
        "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &[
            "HTTP/1.1 200 OK\r\n",
            "date: ",
            "transfer-encoding: chunked\r\n",
            "close\r\n\r\nd\r\nhello, world\n\r\n0\r\n\r\n",
        ],
    ),
    (LAST, &["HTTP/1.1 200 OK\r\n", "content-length: 13\r\n", "connection: close\r\n\r\nhello, world\n"]),
    ("\r\nGET /x HTTP/1.0\r\n\r\n", &["HTTP/1.1 200 OK\r\n", "connection: close\r\n\r\nhello, world\n"]),
    (
        "GET /c HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /c HTTP/1.0\r\n\r\n",
        &[
            "HTTP/1.1 200 OK\r\n",
            "connection: keep-alive\r\n\r\nhello, world\nHTTP/1.1 200",
            "close\r\n\r\nhello, world\n",
        ],
    ),
    (
        "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "connection: close\r\n\r\n"],
    ),
    (
        "GET http://b/c HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "\r\n\r\nhello, world\n"],
    ),
    (
        "POST /e HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n\
         5;a=\"b\"\r\nhello\r\n0B \r\n, chunks...\r\n00\r\nTrailer: x\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "5\r\nhello\r\n", "b\r\n, chunks...\r\n0\r\n\r\n"],
    ),
    // A body that nobody reads isn't a request.
    (
        "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /GET /c HTTP/1.0\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "hello, world\nHTTP/1.1 200", "\r\n\r\nhello, world\n"],
    ),
    // The client waits for 100, and the handler doesn't read: the client must not send it now.
    (
        "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "\r\n\r\nhello, world\n"],
    ),
    (
        "POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\nConnection: close\r\n\r\nabcde",
        &["HTTP/1.1 ", "5\r\nabcde\r\n0\r\n\r\n"],
    ),
    // Traps: before there is a response, and in the middle of one.
    (
        "GET /t HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.0\r\n\r\n",
        &[
            "HTTP/1.1 500 Internal Server Error\r\n",
            "content-length: 0\r\n\r\nHTTP/1.1 200",
            "hello, world\n",
        ],
    ),
    ("GET /m HTTP/1.1\r\nHost: a\r\n\r\n", &["HTTP/1.1 200 OK\r\n", "d\r\nhello, world\n\r\n"]),
    ("GET /n HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", &["HTTP/1.1 500 ", "close\r\n\r\n"]),
    // Less than was announced.
    (
        "GET /s HTTP/1.1\r\nHost: a\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "content-length: 10\r\n", "\r\n\r\nhello"],
    ),
    // Bodies that aren't what they should be.
    (
        "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n",
        &["HTTP/1.1 200 OK\r\n", "5\r\nhello\r\n"],
    ),
];

fn exchanges(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    for (request, parts) in EXCHANGES {
        let answer = server.ask(request.as_bytes()).with_context(|| request.to_string())?;
        let mut rest = answer.strip_prefix(parts[0]);
        for part in &parts[1..] {
            rest = rest.and_then(|rest| Some(&rest[rest.find(part)? + part.len()..]));
        }
        ensure!(rest == Some(""), "{request:?} has the answer {answer:?}");
    }
    let many = [GET.repeat(200), LAST.to_owned()].concat();
    ensure!(server.ask(many.as_bytes())?.matches("hello, world").count() == 201, "pipelined requests");
    Ok(())
}

/// A client that has said all that it says, one that says it byte by byte, and one whose body ends too early.
fn half_closed(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    let mut client = server.connect()?;
    client.write_all(GET.as_bytes())?;
    client.shutdown(Shutdown::Write)?;
    ensure!(read_all(client)?.ends_with("hello, world\n\r\n0\r\n\r\n"), "a half-closed connection");

    let mut client = server.connect()?;
    let request = "POST /e HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    for byte in request.as_bytes() {
        client.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(1));
    }
    ensure!(read_all(client)?.ends_with("2\r\nab\r\n0\r\n\r\n"), "byte by byte");

    let mut client = server.connect()?;
    client.write_all(b"POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")?;
    client.shutdown(Shutdown::Write)?;
    ensure!(!read_all(client)?.contains("0\r\n\r\n"), "a body that ends too early looks whole");
    Ok(())
}

/// Each request finds the globals and the memory as they were, and no more of it, whatever those before did.
fn fresh(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &["-O", "0"], &[])?;
    for path in ["g", "g", "t", "g", "m", "g", "e", "g"] {
        let answer =
            server.ask(format!("GET /{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())?;
        // The first one, memory that is 0, and 12 pages.
        ensure!(path != "g" || answer.contains("count: 10<"), "/{path}: {answer:?}");
    }
    Ok(())
}

/// Those who send slowly, or nothing, or take nothing, don't keep others waiting.
fn slow_clients(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut client = server.connect()?;
        let begin = ["", "GET", "POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"][number % 3];
        client.write_all(begin.as_bytes())?;
        slow.push((number, client));
    }
    let start = Instant::now();
    for _ in 0..20 {
        ensure!(server.ask(LAST.as_bytes())?.ends_with("hello, world\n"));
    }
    ensure!(start.elapsed() < Duration::from_secs(2), "others wait for slow clients");
    for (number, mut client) in slow {
        if number % 3 == 1 {
            client.write_all(b" /c HTTP/1.0\r\n\r\n")?;
            ensure!(read_all(client)?.ends_with("hello, world\n"), "slow client {number}");
        }
    }
    Ok(())
}

/// Clients that never stop sending what nobody reads don't keep others waiting.
fn floods(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &[])?;
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| -> Result<()> {
                while !ends.load(Ordering::Relaxed) {
                    let mut client = server.connect()?;
                    client
                        .write_all(b"POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n")?;
                    let mut send = || !ends.load(Ordering::Relaxed) && client.write_all(&[0; 65536]).is_ok();
                    while send() {}
                }
                Ok(())
            });
        }
        let start = Instant::now();
        let answers = (0..20).try_for_each(|_| {
            let answer = server.ask(LAST.as_bytes())?;
            ensure!(answer.ends_with("hello, world\n"), "{answer:?}");
            Ok(())
        });
        let elapsed = start.elapsed();
        ends.store(true, Ordering::Relaxed);
        answers?;
        ensure!(elapsed < Duration::from_secs(5), "others wait for {elapsed:?}");
        Ok(())
    })
}

/// Who sends a byte of the body now and then is given up, although there is always progress.
fn dribble(directory: &Path) -> Result<()> {
    const MOST: Duration = Duration::from_secs(50);
    let server = Server::start(directory, &[], &[])?;
    let start = Instant::now();
    let mut client = server.connect()?;
    client.write_all(b"POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")?;
    while client.write_all(b"x").is_ok() {
        ensure!(start.elapsed() < MOST, "the server still waits for the body");
        thread::sleep(Duration::from_millis(100));
    }
    ensure!(start.elapsed() > Duration::from_secs(20), "given up after {:?}", start.elapsed());
    ensure!(server.ask(LAST.as_bytes())?.ends_with("hello, world\n"));
    Ok(())
}

/// Bodies come back as they are, from many clients at once, and the server's memory stays as large as it is.
fn bodies(directory: &Path) -> Result<()> {
    let server = Server::start(directory, &[], &["--workers=2"])?;
    let echo = |body: &[u8]| -> Result<Vec<u8>> {
        let mut client = server.connect()?;
        let head = format!(
            "POST /e HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut sender = client.try_clone()?;
        let mut answer = Vec::new();
        thread::scope(|scope| {
            scope.spawn(move || sender.write_all(head.as_bytes()).and_then(|()| sender.write_all(body)));
            client.read_to_end(&mut answer)
        })?;
        let start = answer.windows(4).position(|window| window == b"\r\n\r\n").context("no head")? + 4;
        unchunk(&answer[start..]).context("the body isn't complete")
    };
    let client = |seed: u32| -> Result<()> {
        for round in 0..250_u32 {
            let length = if round % 50 == 0 { 300_000 } else { round * 37 % 5000 };
            let body: Vec<u8> = (0..length).map(|i| (i * (seed + 7) + round) as u8).collect();
            ensure!(echo(&body)? == body, "client {seed}, round {round}");
        }
        Ok(())
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|seed| scope.spawn(move || client(seed))).collect();
        clients.into_iter().try_for_each(|client| client.join().expect("it doesn't panic"))
    })
}

/// A server that is told to end answers what it has, takes nothing new, and ends with 0.
fn end(directory: &Path) -> Result<()> {
    for arguments in [&[][..], &["--workers", "2"]] {
        let mut server = Server::start(directory, &[], arguments)?;
        let mut client = server.connect()?;
        client.write_all(&GET.as_bytes()[..10])?;
        thread::sleep(Duration::from_millis(200));
        server.signal()?;
        thread::sleep(Duration::from_millis(200));
        ensure!(server.connect().is_err() || arguments.len() > 1, "it still accepts");
        client.write_all(&GET.as_bytes()[10..])?;
        let answer = read_all(client)?;
        ensure!(answer.contains("connection: close\r\n") && answer.contains("hello, world"), "{answer:?}");
        server.ends(Duration::from_secs(20))?;
    }
    Ok(())
}

/// What the compiler and the server say about addresses.
fn addresses(directory: &Path) -> Result<()> {
    let built = build(directory, &["--serve", "127.0.0.1:0", "--lock-policy"])?;
    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let run = |arguments: &[&str]| Command::new(directory.join("handler")).args(arguments).output();
    let refused = run(&["--listen", "127.0.0.1:0"])?;
    ensure!(refused.status.code() == Some(1));
    ensure!(
        String::from_utf8_lossy(&refused.stderr).contains("--listen: the policy of this program is locked")
    );
    let inspected =
        Command::new(targets::compiler()?).arg("inspect").arg(directory.join("handler")).output()?;
    ensure!(String::from_utf8_lossy(&inspected.stdout).contains("serve = \"127.0.0.1:0\""), "inspect");
    let built = build(directory, &[])?;
    ensure!(built.status.success());
    for wrong in [&["--listen", "localhost:80"][..], &["--listen"], &["--workers", "0"], &["--else"], &["x"]]
    {
        let outcome = run(wrong)?;
        ensure!(outcome.status.code() == Some(1) && !outcome.stderr.is_empty(), "{wrong:?}");
    }
    for (flags, words) in [
        (&["--target", "x86_64-windows"][..], "HTTP services aren't supported on x86_64-windows yet"),
        (&["--memory-guard=none"], "--memory-guard=none isn't supported for HTTP services yet"),
        (&["--timeout", "1s"], "--timeout isn't supported for HTTP services yet"),
    ] {
        let refused = build(directory, flags)?;
        ensure!(
            !refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains(words),
            "{words}"
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    if !cfg!(target_os = "linux") {
        println!("skipped: servers are for Linux");
        return ExitCode::SUCCESS;
    }
    main_of(vec![
        Test::new("malformed requests", malformed),
        Test::new("exchanges", exchanges),
        Test::new("half-closed connections", half_closed),
        Test::new("each request is answered by a new instance", fresh),
        Test::new("slow clients", slow_clients),
        Test::new("floods", floods),
        Test::new("a byte now and then", dribble),
        Test::new("bodies", bodies),
        Test::new("the end", end),
        Test::new("ended while workers begin", edges::end_at_once),
        Test::new("few descriptors", edges::few_descriptors),
        Test::new("workers that end", edges::replaced_workers),
        Test::new("bodies that nobody wants", edges::bodiless),
        Test::new("a large head and an early body", edges::early_body),
        Test::new("misuse of resources", edges::misuse),
        Test::new("thousands of clients", edges::thousands),
        Test::new("addresses", addresses),
    ])
}
