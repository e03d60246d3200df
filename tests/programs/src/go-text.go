// A Go program: goroutines, maps, big integers, regular expressions, JSON and files.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"sort"
	"strings"
	"sync"
)

type report struct {
	Words map[string]int `json:"words"`
	Lines int            `json:"lines"`
	Hash  string         `json:"hash"`
}

func count(lines []string) map[string]int {
	words := regexp.MustCompile(`[a-z]+`)
	counts := map[string]int{}
	for _, line := range lines {
		for _, word := range words.FindAllString(strings.ToLower(line), -1) {
			counts[word]++
		}
	}
	return counts
}

func main() {
	fmt.Println("arguments:", os.Args[1:], "GREETING:", os.Getenv("GREETING"))
	var lines []string
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}

	var group sync.WaitGroup
	parts := make(chan map[string]int, 4)
	for i := 0; i < 4; i++ {
		from, to := i*len(lines)/4, (i+1)*len(lines)/4
		group.Add(1)
		go func() {
			defer group.Done()
			parts <- count(lines[from:to])
		}()
	}
	group.Wait()
	close(parts)
	total := map[string]int{}
	for part := range parts {
		for word, n := range part {
			total[word] += n
		}
	}
	hash := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	text, _ := json.MarshalIndent(report{total, len(lines), fmt.Sprintf("%x", hash)}, "", " ")
	fmt.Println(string(text))

	factorial := big.NewInt(1)
	for i := int64(2); i <= 200; i++ {
		factorial.Mul(factorial, big.NewInt(i))
	}
	fmt.Println(factorial)

	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var nothing []int
		fmt.Println(nothing[len(os.Args)])
	}()

	if err := os.WriteFile("/work/report.json", text, 0o644); err != nil {
		fmt.Println("no report:", err)
		os.Exit(4)
	}
	entries, err := os.ReadDir("/work")
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	sort.Strings(names)
	fmt.Println(names, err)
	if _, err := os.ReadFile("/etc/passwd"); err == nil {
		fmt.Println("escaped")
	}
	fmt.Fprintln(os.Stderr, "done")
	os.Exit(len(lines))
}
