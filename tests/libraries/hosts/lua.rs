//! A thousand interpreters of Lua in one program, each running scripts of its own, from several threads.

#[path = "lua_wasm.rs"]
mod lua_wasm;

use lua_wasm::{Instance, Options, Trap};

const INSTANCES: u32 = 1000;

/// Runs a script, and returns what it returns.
fn run(lua: &mut Instance, script: &str) -> Result<String, Trap> {
    let address = lua.allocate(script.len() as i32)?;
    lua.memory_mut()[address as u32 as usize..][..script.len()].copy_from_slice(script.as_bytes());
    let result = lua.run(address, script.len() as i32)? as u32 as usize;
    let rest = &lua.memory()[result..];
    let end = rest.iter().position(|byte| *byte == 0).expect("it is terminated");
    Ok(String::from_utf8_lossy(&rest[..end]).into_owned())
}

fn main() -> Result<(), Trap> {
    let mut instances = (0..INSTANCES).map(|_| Instance::new(Options::default())).collect::<Result<Vec<_>, _>>()?;
    // A global of each: nobody sees another's.
    for (number, lua) in instances.iter_mut().enumerate() {
        let script = format!("x = {number}; local t = {{}} for i = 1, 100 do t[i] = i * x end return table.concat(t, ',')");
        let expected: Vec<String> = (1..=100).map(|i| (i * number).to_string()).collect();
        assert_eq!(run(lua, &script)?, expected.join(","));
    }
    // One that ends badly doesn't disturb the others.
    let trap = run(&mut instances[500], "error('it is over')").unwrap_err();
    assert_eq!(trap.code(), Trap::UNREACHABLE);
    assert!(trap.backtrace().contains("run"), "{}", trap.backtrace());
    let trap = run(&mut instances[500], "return 1").unwrap_err();
    assert_eq!(trap.code(), Trap::UNUSABLE);
    instances[500].reset()?;
    assert_eq!(run(&mut instances[500], "return x == nil")?, "true");
    run(&mut instances[500], "x = 500")?;
    // From four threads at once.
    std::thread::scope(|scope| {
        for chunk in instances.chunks_mut(INSTANCES as usize / 4) {
            scope.spawn(|| {
                for lua in chunk {
                    let twice = run(lua, "return x * 2").unwrap();
                    assert_eq!(run(lua, "return x").unwrap().parse::<u32>().unwrap() * 2, twice.parse().unwrap());
                }
            });
        }
    });
    instances.truncate(10);
    for (number, lua) in instances.iter_mut().enumerate() {
        assert_eq!(run(lua, "return x")?, number.to_string());
    }
    println!("{INSTANCES} interpreters");
    Ok(())
}
