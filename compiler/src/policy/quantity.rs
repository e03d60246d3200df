//! Sizes and durations with units: `64MiB`, `30s`.

/// The names and values of units, the smallest first.
type Units = [(&'static [&'static str], u64)];

const SIZES: &Units = &[
    (&["B"], 1),
    (&["KiB", "K"], 1 << 10),
    (&["MiB", "M"], 1 << 20),
    (&["GiB", "G"], 1 << 30),
    (&["TiB", "T"], 1 << 40),
];

/// The units of time, in nanoseconds.
const DURATIONS: &Units = &[
    (&["ns"], 1),
    (&["us"], 1_000),
    (&["ms"], 1_000_000),
    (&["s"], 1_000_000_000),
    (&["min", "m"], 60_000_000_000),
    (&["h"], 3_600_000_000_000),
];

/// The smallest and the largest stack.
const STACK: std::ops::RangeInclusive<u64> = 16 << 10..=1 << 42;

/// Parses a size in bytes: a whole number and a unit.
pub fn size(text: &str) -> Result<u64, String> {
    parse(text, SIZES).ok_or_else(|| "a size is a number with a unit: 65536B, 64KiB, 512M, 2GiB".to_owned())
}

/// Parses a duration in nanoseconds, greater than 0: a whole number and a unit.
pub fn duration(text: &str) -> Result<u64, String> {
    parse(text, DURATIONS)
        .filter(|time| *time > 0)
        .ok_or_else(|| "a duration is a number with a unit: 500ms, 30s, 5min, 1h".to_owned())
}

/// Parses the size of a stack in bytes, rounded up to whole pages; a number without a unit is in KiB.
pub fn stack(text: &str) -> Result<u64, String> {
    let kib = text.parse().ok().and_then(|kib: u64| kib.checked_mul(1 << 10));
    let bytes = kib.map_or_else(|| size(text), Ok)?;
    if !STACK.contains(&bytes) {
        return Err("a stack has 16KiB to 4TiB".to_owned());
    }
    Ok(bytes.next_multiple_of(4 << 10))
}

fn parse(text: &str, units: &Units) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let (_, worth) = units.iter().find(|(names, _)| names.contains(&unit.trim_start()))?;
    number.parse::<u64>().ok()?.checked_mul(*worth)
}

/// A size in the form that `size` parses.
pub fn print_size(bytes: u64) -> String {
    print(bytes, SIZES)
}

/// A duration in the form that `duration` parses.
pub fn print_duration(nanoseconds: u64) -> String {
    print(nanoseconds, DURATIONS)
}

/// Writes a number with the largest unit of which it is a multiple.
fn print(value: u64, units: &Units) -> String {
    let fits = |worth: u64| value.is_multiple_of(worth) && (value > 0 || worth == 1);
    let (names, worth) =
        units.iter().rfind(|(_, worth)| fits(*worth)).expect("everything is a multiple of 1");
    format!("{}{}", value / worth, names[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0B", 0),
            ("17B", 17),
            ("64KiB", 65536),
            ("64K", 65536),
            ("3 M", 3 << 20),
            ("2GiB", 2 << 30),
            ("1T", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
            assert_eq!(size(&print_size(bytes)), Ok(bytes), "{text}");
        }
        for wrong in ["", "64", "K", "-1K", "1.5G", "1kb", "1KB", "99999999999T", "1K "] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations() {
        for (text, time) in
            [("1ns", 1), ("500ms", 500_000_000), ("90s", 90_000_000_000), ("2m", 120_000_000_000)]
        {
            assert_eq!(duration(text), Ok(time), "{text}");
            assert_eq!(duration(&print_duration(time)), Ok(time), "{text}");
        }
        assert_eq!(print_duration(120_000_000_000), "2min");
        for wrong in ["0s", "1", "s", "1 day", "99999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn stacks() {
        assert_eq!(stack("64"), Ok(64 << 10));
        assert_eq!(stack("17"), Ok(20 << 10));
        assert_eq!(stack("1MiB"), Ok(1 << 20));
        for wrong in ["1", "15K", "16B", "many", "8T", "99999999999999999999"] {
            assert!(stack(wrong).is_err(), "{wrong}");
        }
    }
}
