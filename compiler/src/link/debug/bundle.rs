//! The bundle in which macOS keeps the debug information of a program: a directory in which a file with the program's
//! name has it, and another says what kind of bundle it is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the name of a bundle ends in.
const EXTENSION: &str = "dSYM";

/// Whether a bundle can have this name.
pub fn is_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// The bundle in which debuggers look for the debug information of a program.
pub fn beside(program: &Path) -> PathBuf {
    let mut name = program.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(EXTENSION);
    program.with_file_name(name)
}

/// The file with the debug information in a bundle.
pub fn file(bundle: &Path, program: &OsStr) -> PathBuf {
    bundle.join("Contents/Resources/DWARF").join(program)
}

/// The file that says what kind of bundle it is.
pub fn list(bundle: &Path) -> PathBuf {
    bundle.join("Contents/Info.plist")
}

/// The contents of that file, as `dsymutil` writes it.
pub fn list_text(program: &str) -> String {
    let program = program.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let entries = [
        ("CFBundleDevelopmentRegion", "English"),
        ("CFBundleIdentifier", &format!("com.apple.xcode.dsym.{program}")),
        ("CFBundleInfoDictionaryVersion", "6.0"),
        ("CFBundlePackageType", "dSYM"),
        ("CFBundleSignature", "????"),
        ("CFBundleShortVersionString", "1.0"),
        ("CFBundleVersion", "1"),
    ];
    let entries = entries.map(|(key, value)| format!("\t<key>{key}</key>\n\t<string>{value}</string>\n"));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n{}</dict>\n</plist>\n",
        entries.concat()
    )
}
