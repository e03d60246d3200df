// What was written before a panic arrives, and the process ends with the library's trap.
fn main() {
    print!("before the panic, without a newline");
    let numbers = [1, 2, 3];
    let index = std::env::args().count() + 7;
    println!("{}", numbers[index]);
}
