#!/usr/bin/env python3
"""trace-functions.py SYMBOLS PROGRAM ARGUMENT ...: prints the functions that one run of PROGRAM enters, in the order of their first entry.

A breakpoint is put on every function of PROGRAM (a static x86-64 executable at a fixed address; SYMBOLS is the file with its symbol table) and taken
away when it is hit, so that a run of a thousand functions takes half a second. Children that PROGRAM forks are followed until they execute
something else. Run by build/layout/make.sh.
"""
import ctypes
import os
import signal
import struct
import subprocess
import sys

PTRACE_TRACEME, PTRACE_CONT, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_SETOPTIONS = 0, 7, 12, 13, 0x4200
FOLLOW = 0x2 | 0x4 | 0x8 | 0x10 | 0x100000  # fork, vfork, clone, exec; and the tracee dies with the tracer
WALL = 0x40000000
BREAKPOINT = b"\xcc"


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in (
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split())]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def executable_segments(image):
    """(address, size, offset in the file) of each loaded segment that is executable."""
    offset, count = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
    for i in range(count):
        kind, flags, at, address, _, size = struct.unpack_from("<IIQQQQ", image, offset + 56 * i)
        if kind == 1 and flags & 1:
            yield address, size, at


def functions(symbols, program):
    """Address -> (name, first byte) of every function."""
    with open(program, "rb") as file:
        image = file.read()
    segments = list(executable_segments(image))
    found = {}
    for line in subprocess.check_output(["nm", symbols], text=True).splitlines():
        fields = line.split()
        if len(fields) != 3 or fields[1] not in "TtWwi":
            continue
        address = int(fields[0], 16)
        for start, size, offset in segments:
            if start <= address < start + size:
                found.setdefault(address, (fields[2], image[offset + address - start:][:1]))
    return found


def poke(pid, changes):
    memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
    try:
        for address, byte in changes:
            os.pwrite(memory, byte, address)
    finally:
        os.close(memory)


def resume(pid, number=0):
    libc.ptrace(PTRACE_CONT, pid, None, ctypes.c_void_p(number))


def trace(table, arguments):
    """The addresses of the functions entered, in order."""
    first = os.fork()
    if first == 0:
        libc.ptrace(PTRACE_TRACEME, 0, None, None)
        os.execv(arguments[0], arguments)
    os.waitpid(first, 0)
    libc.ptrace(PTRACE_SETOPTIONS, first, None, ctypes.c_void_p(FOLLOW))
    poke(first, ((address, BREAKPOINT) for address in table))
    resume(first)
    entered, started = {}, {first}
    while True:
        try:
            pid, status = os.waitpid(-1, WALL)
        except ChildProcessError:
            return list(entered)
        if not os.WIFSTOPPED(status):
            continue
        number = os.WSTOPSIG(status)
        if status >> 16 or (number == signal.SIGSTOP and pid not in started):
            started.add(pid)
            resume(pid)
        elif number == signal.SIGTRAP:
            registers = Registers()
            libc.ptrace(PTRACE_GETREGS, pid, None, ctypes.byref(registers))
            address = registers.rip - 1
            if address in table:
                entered.setdefault(address)
                poke(pid, [(address, table[address][1])])
                registers.rip = address
                libc.ptrace(PTRACE_SETREGS, pid, None, ctypes.byref(registers))
            resume(pid)
        else:
            resume(pid, number)


def main():
    table = functions(sys.argv[1], sys.argv[2])
    for address in trace(table, sys.argv[2:]):
        print(f"{address:x} {table[address][0]}")


main()
