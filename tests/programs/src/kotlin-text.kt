// A Kotlin program: classes, closures, collections, strings, exceptions, generators, regular expressions and many
// objects that live for a short time.

sealed class Json {
    data class Text(val value: String) : Json()
    data class Number(val value: Double) : Json()
    data class Items(val items: List<Json>) : Json()
    data class Fields(val fields: Map<String, Json>) : Json()
    object Nothing : Json()

    fun print(out: StringBuilder) {
        when (this) {
            is Text -> out.append('"').append(value.replace("\"", "\\\"")).append('"')
            is Number -> out.append(if (value == value.toLong().toDouble()) value.toLong() else value)
            is Items -> items.joinTo(out, ",", "[", "]") { StringBuilder().also(it::print) }
            is Fields -> fields.entries.joinTo(out, ",", "{", "}") { (name, value) ->
                "\"$name\":" + StringBuilder().also(value::print)
            }
            Nothing -> out.append("null")
        }
    }

    final override fun toString() = StringBuilder().also(::print).toString()
}

class SyntaxError(val place: Int, message: String) : Exception(message)

class Parser(private val text: String) {
    private var place = 0

    fun parse(): Json = value().also { if (place != text.length) fail("text behind the value") }

    private fun fail(message: String): kotlin.Nothing = throw SyntaxError(place, message)

    private fun next(): Char {
        while (place < text.length && text[place].isWhitespace()) place++
        return if (place < text.length) text[place] else '\u0000'
    }

    private fun take(char: Char) = (next() == char).also { if (it) place++ }

    private fun expect(char: Char) = if (take(char)) Unit else fail("expected $char")

    private fun value(): Json = when {
        take('"') -> Json.Text(rest())
        take('[') -> Json.Items(buildList {
            if (!take(']')) { do add(value()) while (take(',')); expect(']') }
        })
        take('{') -> Json.Fields(buildMap {
            if (!take('}')) {
                do { expect('"'); val name = rest(); expect(':'); put(name, value()) } while (take(','))
                expect('}')
            }
        })
        text.startsWith("null", place) -> { place += 4; Json.Nothing }
        else -> number()
    }

    private fun rest(): String = buildString {
        while (true) {
            if (place >= text.length) fail("a string without an end")
            val char = text[place++]
            if (char == '"') break
            append(if (char == '\\') text[place++] else char)
        }
    }

    private fun number(): Json {
        val start = place
        while (place < text.length && (text[place].isDigit() || text[place] in "+-.eE")) place++
        return Json.Number(text.substring(start, place).toDoubleOrNull() ?: fail("no value"))
    }
}

abstract class Shape(val name: String) {
    abstract val area: Double
    open fun describe() = "$name of ${(area * 100).toInt() / 100.0}"
}

class Circle(val radius: Double) : Shape("circle") {
    override val area get() = kotlin.math.PI * radius * radius
}

open class Box(val width: Double, val height: Double) : Shape("box") {
    override val area get() = width * height
}

class Square(side: Double) : Box(side, side) {
    override fun describe() = "square: " + super.describe()
}

class Tree(val left: Tree?, val right: Tree?) {
    fun count(): Int = 1 + (left?.count() ?: 0) + (right?.count() ?: 0)
}

fun tree(depth: Int): Tree = if (depth == 0) Tree(null, null) else Tree(tree(depth - 1), tree(depth - 1))

fun primes() = sequence {
    val found = mutableListOf<Int>()
    var number = 2
    while (true) {
        if (found.takeWhile { it * it <= number }.none { number % it == 0 }) {
            found += number
            yield(number)
        }
        number++
    }
}

fun attempt(text: String) {
    try {
        println(Parser(text).parse())
    } catch (error: SyntaxError) {
        println("${error.message} at ${error.place}")
    } finally {
        println("tried ${text.length} characters")
    }
}

fun main() {
    attempt("""{"name": "wasm", "versions": [1, 2, 3.5, -4e2], "nested": {"empty": {}, "none": null, "list": []}}""")
    attempt("[1, 2")
    attempt("\"a \\\"quote\\\" and ünïcödé: 漢字, 🐫\"")

    val text = "the quick brown fox jumps over the lazy dog and the quick cat near the door of the house"
    text.split(Regex("\\s+")).groupingBy { it }.eachCount().entries
        .sortedWith(compareBy({ -it.value }, { it.key })).take(4).forEach { println("${it.key} ${it.value}") }
    println(Regex("(\\w)(\\w*)").replace(text) { it.groupValues[1].uppercase() + it.groupValues[2] })

    val shapes = listOf(Circle(1.5), Box(2.0, 3.25), Square(1.25))
    shapes.sortedBy { it.area }.forEach { println(it.describe()) }
    println(shapes.filterIsInstance<Box>().size)
    println(runCatching { (shapes[0] as Any as Box).width }.exceptionOrNull() is ClassCastException)
    println(runCatching { listOf(1, 2)[7] }.exceptionOrNull() is IndexOutOfBoundsException)

    println(primes().drop(500).take(5).toList())
    val counters = List(5) { start -> var count = start; { count += start; count } }
    println(counters.map { next -> next(); next() })

    val cache = HashMap<Long, Long>()
    fun steps(number: Long): Long =
        if (number == 1L) 0 else cache.getOrPut(number) { 1 + steps(if (number % 2 == 0L) number / 2 else 3 * number + 1) }
    println((1L..30000L).maxBy { steps(it) })
    println(cache.size)

    val kept = tree(14)
    var total = 0
    repeat(32) { total += tree(14).count() + tree(14).count() }
    println("trees $total")
    println(kept.count())
    println("done")
}
