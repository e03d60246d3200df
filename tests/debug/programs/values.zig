// Locals of every kind in Zig: what debuggers are asked about, by tests/debug.
const std = @import("std");

const Color = enum(u8) { red, green = 5, blue };

const Point = struct { x: i32, y: i16 };

const Node = struct { value: i32, next: ?*const Node };

var calls: i32 = 0;

fn integers(tiny: i8, byte: u8, small: i16, wide: u16) i64 {
    var minus: i32 = -100000;
    var big: u32 = 4000000000;
    var far: i64 = -5000000000;
    var yes = true;
    var size: usize = 77;
    std.mem.doNotOptimizeAway(.{ &minus, &big, &far, &yes, &size });
    calls += 1;
    var sum: i64 = tiny;
    sum += byte;
    sum += small;
    sum += wide;
    if (yes) sum += far;
    return sum;
}

fn floats(half: f32, third: f64) f64 {
    var sum: f64 = half + third;
    calls += 1;
    sum *= 2;
    return sum;
}

fn slices(name: []const u8) usize {
    var numbers = [_]i32{ 3, 1, 4, 1, 5 };
    const middle: []i32 = numbers[1..3];
    var color: Color = .green;
    std.mem.doNotOptimizeAway(&color);
    var point = Point{ .x = 5, .y = -6 };
    const pointer = &point;
    pointer.x += 1;
    calls += 1;
    return name.len + middle.len + @as(usize, @intCast(point.x));
}

fn optionals(some: ?i32, none: ?i32) i32 {
    var sum = some orelse 1;
    calls += 1;
    sum += none orelse 2;
    return sum;
}

fn length(list: ?*const Node) i32 {
    const node = list orelse return 0;
    const rest = length(node.next);
    calls += 1;
    return rest + node.value;
}

pub fn main() u8 {
    const one = integers(-8, 200, -3000, 60000);
    const two = floats(0.5, 0.25);
    const three = slices("title");
    const four = optionals(7, null);
    const second = Node{ .value = 20, .next = null };
    const first = Node{ .value = 10, .next = &second };
    const five = length(&first);
    std.debug.print("{d} {d} {d} {d} {d} {d}\n", .{ one, two, three, four, five, calls });
    return 0;
}
