# Files and directories in the granted directory.
import json, os, pathlib, shutil, sys, tempfile

work = pathlib.Path("/work")
print(sys.argv[1:], os.environ.get("GREETING"), sorted(os.listdir(work)))
text = (work / "input.txt").read_text()
print(len(text), text.splitlines()[0])
(work / "out").mkdir()
for number in range(5):
    with open(work / "out" / f"part{number}.txt", "w") as file:
        print("part", number, file=file)
with open(work / "out" / "all.bin", "wb") as file:
    file.write(bytes(range(256)) * 100)
    file.seek(1000)
    file.write(b"patched")
    file.truncate(20000)
with open(work / "out" / "all.bin", "rb") as file:
    file.seek(-10, os.SEEK_END)
    print(file.tell(), file.read().hex())
os.rename(work / "out" / "part0.txt", work / "out" / "renamed.txt")
os.unlink(work / "out" / "part1.txt")
shutil.copytree(work / "out", work / "copy")
shutil.rmtree(work / "copy" , ignore_errors=False)
os.symlink("renamed.txt", work / "out" / "link")
print(os.readlink(work / "out" / "link"), (work / "out" / "link").read_text())
for root, directories, files in sorted(os.walk(work)):
    print(root, sorted(directories), sorted((f, os.stat(os.path.join(root, f)).st_size) for f in files))
json.dump({"done": True}, open(work / "result.json", "w"))
for path in ("/etc/passwd", "/work/../secret", "/work/missing"):
    try:
        open(path)
        print("opened", path)
    except OSError as error:
        print(type(error).__name__, error.errno, path)
print("error output", file=sys.stderr)
sys.exit(len(os.listdir(work / "out")))
