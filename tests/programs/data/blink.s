; Blinks an LED on an ATmega328P, with a delay loop, macros and data: material for avr-as.
        .equ    DDRB, 0x04
        .equ    PORTB, 0x05
        .equ    PERIOD, 40000

        .macro  load16 low, high, value
        ldi     \low, lo8(\value)
        ldi     \high, hi8(\value)
        .endm

        .section .vectors, "ax", @progbits
        .global __vectors
__vectors:
        rjmp    main
        .rept   25
        rjmp    unused
        .endr

        .text
        .global main
        .type   main, @function
main:
        eor     r1, r1
        sbi     DDRB, 5
1:      sbi     PORTB, 5
        rcall   delay
        cbi     PORTB, 5
        rcall   delay
        rjmp    1b
        .size   main, .-main

delay:
        load16  r24, r25, PERIOD
2:      sbiw    r24, 1
        brne    2b
        ret

unused: reti

        .section .rodata
message:
        .asciz  "blink"
end:    .byte   1, 2, 3, end - message
        .word   message, delay
