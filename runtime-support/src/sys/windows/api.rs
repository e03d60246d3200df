//! The functions and structures of Windows that the runtime uses. The names are those of the Windows SDK and, for
//! `Nt...` and `Rtl...`, of the Windows Driver Kit, where all of them are documented.

#![allow(
    non_snake_case,
    non_camel_case_types,
    clippy::upper_case_acronyms,
    reason = "the system's own names"
)]

use core::ffi::c_void;

pub type HANDLE = isize;
pub type BOOL = i32;
pub type NTSTATUS = i32;

pub const INVALID_HANDLE_VALUE: HANDLE = -1;
/// What `GetCurrentProcess` and `GetCurrentThread` give.
pub const CURRENT_PROCESS: HANDLE = -1;
pub const CURRENT_THREAD: HANDLE = -2;

/// `SYSTEM_INFO` isn't needed: pages have 4 KiB on x86-64 and aarch64, and allocations start at multiples of 64 KiB.
pub const PAGE_BYTES: usize = 4096;

#[repr(C)]
pub struct OVERLAPPED {
    pub Internal: usize,
    pub InternalHigh: usize,
    pub Offset: u32,
    pub OffsetHigh: u32,
    pub hEvent: HANDLE,
}

#[repr(C)]
pub struct MEMORY_BASIC_INFORMATION {
    pub BaseAddress: *mut c_void,
    pub AllocationBase: *mut c_void,
    pub AllocationProtect: u32,
    pub PartitionId: u16,
    pub RegionSize: usize,
    pub State: u32,
    pub Protect: u32,
    pub Type: u32,
}

#[repr(C)]
pub struct EXCEPTION_RECORD {
    pub ExceptionCode: u32,
    pub ExceptionFlags: u32,
    pub ExceptionRecord: *mut EXCEPTION_RECORD,
    pub ExceptionAddress: usize,
    pub NumberParameters: u32,
    pub ExceptionInformation: [usize; 15],
}

#[repr(C)]
pub struct EXCEPTION_POINTERS {
    pub ExceptionRecord: *mut EXCEPTION_RECORD,
    pub ContextRecord: *mut super::context::Context,
}

#[repr(C)]
pub struct BY_HANDLE_FILE_INFORMATION {
    pub dwFileAttributes: u32,
    pub ftCreationTime: [u32; 2],
    pub ftLastAccessTime: [u32; 2],
    pub ftLastWriteTime: [u32; 2],
    pub dwVolumeSerialNumber: u32,
    pub nFileSizeHigh: u32,
    pub nFileSizeLow: u32,
    pub nNumberOfLinks: u32,
    pub nFileIndexHigh: u32,
    pub nFileIndexLow: u32,
}

/// `FILE_BASIC_INFORMATION`: times in 100 ns since 1601.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct FILE_BASIC_INFO {
    pub CreationTime: i64,
    pub LastAccessTime: i64,
    pub LastWriteTime: i64,
    pub ChangeTime: i64,
    pub FileAttributes: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct FILE_ATTRIBUTE_TAG_INFO {
    pub FileAttributes: u32,
    pub ReparseTag: u32,
}

#[repr(C)]
pub struct UNICODE_STRING {
    pub Length: u16,
    pub MaximumLength: u16,
    pub Buffer: *mut u16,
}

#[repr(C)]
pub struct OBJECT_ATTRIBUTES {
    pub Length: u32,
    pub RootDirectory: HANDLE,
    pub ObjectName: *const UNICODE_STRING,
    pub Attributes: u32,
    pub SecurityDescriptor: *const c_void,
    pub SecurityQualityOfService: *const c_void,
}

#[repr(C)]
#[derive(Default)]
pub struct IO_STATUS_BLOCK {
    pub Status: usize,
    pub Information: usize,
}

pub const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
pub const FILE_ATTRIBUTE_NORMAL: u32 = 0x80;
pub const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
/// `IsReparseTagNameSurrogate`: the file stands for another name.
pub const REPARSE_TAG_NAME_SURROGATE: u32 = 0x2000_0000;

#[repr(C)]
pub struct ADDRINFOW {
    pub flags: i32,
    pub family: i32,
    pub socktype: i32,
    pub protocol: i32,
    pub addrlen: usize,
    pub canonname: *mut u16,
    pub addr: *const u8,
    pub next: *mut ADDRINFOW,
}

impl ADDRINFOW {
    pub const EMPTY: ADDRINFOW = ADDRINFOW {
        flags: 0,
        family: 0,
        socktype: 0,
        protocol: 0,
        addrlen: 0,
        canonname: core::ptr::null_mut(),
        addr: core::ptr::null(),
        next: core::ptr::null_mut(),
    };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct WSABUF {
    pub len: u32,
    pub buf: *mut u8,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct WSAPOLLFD {
    pub fd: HANDLE,
    pub events: i16,
    pub revents: i16,
}

/// What it says is for the system only; it has 628 bytes.
#[repr(C)]
pub struct WSAPROTOCOL_INFOW([u32; 157]);

impl Default for WSAPROTOCOL_INFOW {
    fn default() -> WSAPROTOCOL_INFOW {
        WSAPROTOCOL_INFOW([0; 157])
    }
}

pub type VectoredHandler = unsafe extern "system" fn(*mut EXCEPTION_POINTERS) -> i32;
pub type ThreadStart = unsafe extern "system" fn(*mut c_void) -> u32;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    pub fn AddVectoredExceptionHandler(first: u32, handler: VectoredHandler) -> *mut c_void;
    pub fn CloseHandle(handle: HANDLE) -> BOOL;
    pub fn CreateFileW(
        name: *const u16,
        access: u32,
        share: u32,
        security: *const c_void,
        disposition: u32,
        flags: u32,
        template: HANDLE,
    ) -> HANDLE;
    pub fn CreateThread(
        security: *const c_void,
        stack: usize,
        start: ThreadStart,
        parameter: *mut c_void,
        flags: u32,
        id: *mut u32,
    ) -> HANDLE;
    pub fn DuplicateHandle(
        from_process: HANDLE,
        handle: HANDLE,
        to_process: HANDLE,
        result: *mut HANDLE,
        access: u32,
        inherit: BOOL,
        options: u32,
    ) -> BOOL;
    pub fn ExitThread(code: u32);
    #[cfg(feature = "libraries")]
    pub fn FlushProcessWriteBuffers();
    pub fn FlushFileBuffers(file: HANDLE) -> BOOL;
    pub fn GetCommandLineW() -> *const u16;
    pub fn GetConsoleMode(console: HANDLE, mode: *mut u32) -> BOOL;
    pub fn GetCurrentProcessId() -> u32;
    pub fn GetCurrentThreadStackLimits(low: *mut usize, high: *mut usize);
    pub fn GetEnvironmentStringsW() -> *const u16;
    pub fn GetFileInformationByHandle(file: HANDLE, information: *mut BY_HANDLE_FILE_INFORMATION) -> BOOL;
    pub fn GetFileInformationByHandleEx(file: HANDLE, class: u32, to: *mut c_void, bytes: u32) -> BOOL;
    pub fn GetFileType(file: HANDLE) -> u32;
    pub fn GetLastError() -> u32;
    pub fn GetStdHandle(which: u32) -> HANDLE;
    pub fn GetSystemTimePreciseAsFileTime(time: *mut u64);
    pub fn GetThreadContext(thread: HANDLE, context: *mut c_void) -> BOOL;
    #[cfg(target_arch = "aarch64")]
    pub fn IsProcessorFeaturePresent(feature: u32) -> BOOL;
    pub fn PeekNamedPipe(
        pipe: HANDLE,
        buffer: *mut u8,
        bytes: u32,
        read: *mut u32,
        available: *mut u32,
        left: *mut u32,
    ) -> BOOL;
    pub fn QueryPerformanceCounter(count: *mut u64) -> BOOL;
    pub fn QueryPerformanceFrequency(frequency: *mut u64) -> BOOL;
    #[cfg(feature = "libraries")]
    pub fn RemoveVectoredExceptionHandler(handler: *mut c_void) -> u32;
    pub fn ReadFile(
        file: HANDLE,
        to: *mut u8,
        bytes: u32,
        read: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> BOOL;
    pub fn SetConsoleOutputCP(code_page: u32) -> BOOL;
    pub fn SetFileInformationByHandle(file: HANDLE, class: u32, from: *const c_void, bytes: u32) -> BOOL;
    pub fn SetFilePointerEx(file: HANDLE, distance: i64, position: *mut i64, from: u32) -> BOOL;
    pub fn SetThreadStackGuarantee(bytes: *mut u32) -> BOOL;
    pub fn Sleep(milliseconds: u32);
    pub fn SuspendThread(thread: HANDLE) -> u32;
    pub fn SwitchToThread() -> BOOL;
    pub fn TerminateProcess(process: HANDLE, code: u32) -> BOOL;
    pub fn VirtualAlloc(address: *mut c_void, bytes: usize, kind: u32, protection: u32) -> *mut c_void;
    pub fn VirtualFree(address: *mut c_void, bytes: usize, kind: u32) -> BOOL;
    pub fn VirtualProtect(address: *mut c_void, bytes: usize, protection: u32, old: *mut u32) -> BOOL;
    pub fn VirtualQuery(address: *const c_void, to: *mut MEMORY_BASIC_INFORMATION, bytes: usize) -> usize;
    pub fn WaitForSingleObject(object: HANDLE, milliseconds: u32) -> u32;
    pub fn WriteFile(
        file: HANDLE,
        from: *const u8,
        bytes: u32,
        written: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> BOOL;
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    #[cfg(target_arch = "x86_64")]
    pub fn RtlCaptureContext(context: *mut super::context::Context);
    #[cfg(target_arch = "x86_64")]
    pub fn RtlLookupFunctionEntry(pc: usize, base: *mut usize, history: *mut c_void) -> *const c_void;
    #[cfg(target_arch = "x86_64")]
    pub fn RtlVirtualUnwind(
        handlers: u32,
        base: usize,
        pc: usize,
        function: *const c_void,
        context: *mut super::context::Context,
        handler_data: *mut *mut c_void,
        frame: *mut usize,
        saved: *mut c_void,
    ) -> *const c_void;
    pub fn NtCreateFile(
        handle: *mut HANDLE,
        access: u32,
        attributes: *const OBJECT_ATTRIBUTES,
        status: *mut IO_STATUS_BLOCK,
        size: *const i64,
        file_attributes: u32,
        share: u32,
        disposition: u32,
        options: u32,
        extended: *const c_void,
        extended_bytes: u32,
    ) -> NTSTATUS;
    pub fn NtQueryDirectoryFile(
        directory: HANDLE,
        event: HANDLE,
        routine: *const c_void,
        context: *const c_void,
        status: *mut IO_STATUS_BLOCK,
        to: *mut c_void,
        bytes: u32,
        class: u32,
        single: u8,
        name: *const UNICODE_STRING,
        restart: u8,
    ) -> NTSTATUS;
    pub fn NtQueryInformationFile(
        file: HANDLE,
        status: *mut IO_STATUS_BLOCK,
        to: *mut c_void,
        bytes: u32,
        class: u32,
    ) -> NTSTATUS;
    pub fn NtSetInformationFile(
        file: HANDLE,
        status: *mut IO_STATUS_BLOCK,
        from: *const c_void,
        bytes: u32,
        class: u32,
    ) -> NTSTATUS;
    pub fn RtlNtStatusToDosError(status: NTSTATUS) -> u32;
    pub fn RtlWaitOnAddress(
        address: *const u32,
        compare: *const u32,
        bytes: usize,
        timeout: *const i64,
    ) -> NTSTATUS;
    pub fn RtlWakeAddressSingle(address: *const u32);
}

#[link(name = "bcrypt", kind = "raw-dylib")]
unsafe extern "system" {
    pub fn BCryptGenRandom(algorithm: HANDLE, to: *mut u8, bytes: u32, flags: u32) -> NTSTATUS;
}

#[link(name = "ws2_32", kind = "raw-dylib")]
unsafe extern "system" {
    pub fn FreeAddrInfoW(list: *mut ADDRINFOW);
    pub fn GetAddrInfoW(
        name: *const u16,
        service: *const u16,
        hints: *const ADDRINFOW,
        list: *mut *mut ADDRINFOW,
    ) -> i32;
    pub fn WSADuplicateSocketW(socket: HANDLE, process: u32, to: *mut WSAPROTOCOL_INFOW) -> i32;
    pub fn WSAGetLastError() -> u32;
    pub fn WSAPoll(sockets: *mut WSAPOLLFD, count: u32, milliseconds: i32) -> i32;
    pub fn WSARecv(
        socket: HANDLE,
        buffers: *const WSABUF,
        count: u32,
        received: *mut u32,
        flags: *mut u32,
        overlapped: *mut OVERLAPPED,
        routine: *mut c_void,
    ) -> i32;
    pub fn WSASend(
        socket: HANDLE,
        buffers: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        overlapped: *mut OVERLAPPED,
        routine: *mut c_void,
    ) -> i32;
    pub fn WSASocketW(
        family: i32,
        kind: i32,
        protocol: i32,
        information: *const WSAPROTOCOL_INFOW,
        group: u32,
        flags: u32,
    ) -> HANDLE;
    pub fn WSAStartup(version: u16, to: *mut c_void) -> i32;
    pub fn accept(socket: HANDLE, address: *mut u8, bytes: *mut i32) -> HANDLE;
    pub fn bind(socket: HANDLE, address: *const u8, bytes: i32) -> i32;
    pub fn closesocket(socket: HANDLE) -> i32;
    pub fn connect(socket: HANDLE, address: *const u8, bytes: i32) -> i32;
    pub fn getpeername(socket: HANDLE, to: *mut u8, bytes: *mut i32) -> i32;
    pub fn getsockname(socket: HANDLE, to: *mut u8, bytes: *mut i32) -> i32;
    pub fn getsockopt(socket: HANDLE, level: i32, name: i32, to: *mut u8, bytes: *mut i32) -> i32;
    pub fn ioctlsocket(socket: HANDLE, command: i32, argument: *mut u32) -> i32;
    pub fn listen(socket: HANDLE, backlog: i32) -> i32;
    pub fn recvfrom(
        socket: HANDLE,
        to: *mut u8,
        bytes: i32,
        flags: i32,
        address: *mut u8,
        address_bytes: *mut i32,
    ) -> i32;
    pub fn sendto(
        socket: HANDLE,
        from: *const u8,
        bytes: i32,
        flags: i32,
        address: *const u8,
        address_bytes: i32,
    ) -> i32;
    pub fn setsockopt(socket: HANDLE, level: i32, name: i32, value: *const u8, bytes: i32) -> i32;
    pub fn shutdown(socket: HANDLE, how: i32) -> i32;
}
