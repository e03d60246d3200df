/* Rust's standard library takes random numbers from this library of Windows, which the Wine of Debian 12 doesn't have: a
   stand-in for it. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *data, SIZE_T bytes) {
    return RtlGenRandom(data, (ULONG)bytes);
}
