//! The time as HTTP writes it (RFC 9110, 5.6.7).

/// Bytes of `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const BYTES: usize = 29;

/// The time so many seconds after 1970 began, before the year 10000.
pub fn write(seconds: u64) -> [u8; BYTES] {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March, so that leap days are at their ends; 400 of them have 146,097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 2, 0) } else { (month - 10, 1) };
    let year = era * 400 + year + carry;

    let mut text = *b"Sun, 06 Nov 1994 08:49:37 GMT";
    let mut put = |at: usize, part: &[u8]| {
        text.iter_mut().skip(at).zip(part).for_each(|(to, from)| *to = *from);
    };
    let two = |number: u64| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
    let name = |names: &'static [u8], index: u64| {
        names.get(index as usize * 3..index as usize * 3 + 3).unwrap_or_default()
    };
    put(0, name(b"ThuFriSatSunMonTueWed", days % 7));
    put(5, &two(date));
    put(8, name(b"JanFebMarAprMayJunJulAugSepOctNovDec", month));
    put(12, &two(year / 100));
    put(14, &two(year));
    put(17, &two(time / 3600));
    put(20, &two(time / 60 % 60));
    put(23, &two(time % 60));
    text
}
