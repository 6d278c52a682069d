"""Keep the promises of the design that a linter cannot see."""

import ast
import importlib
import pkgutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("graphml", "ingest", "cypher", "casework")
MODULES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
ORDER = {"graphml": 0, "ingest": 1, "cypher": 1, "casework": 2}

# NumPy computes these with what instructions there are, and then the last bit depends on the processor.
UNLIKE = {
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "power",
    "float_power",
    "cbrt",
    "logspace",
    "geomspace",
}
UNLIKE |= {
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
}
UNLIKE |= {
    "dot",
    "vdot",
    "matmul",
    "einsum",
    "inner",
    "tensordot",
    "convolve",
    "correlate",
    "corrcoef",
    "cov",
    "linalg",
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public(node: ast.AST) -> list[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    found: list[tuple[str, ast.FunctionDef | ast.ClassDef]] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            found.append((child.name, child))
            if isinstance(child, ast.ClassDef):
                found += [(f"{child.name}.{name}", inner) for name, inner in public(child)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_public_thing_is_documented_and_typed(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module), "the file has no docstring"
    for name, node in public(module):
        assert ast.get_docstring(node), f"{name} has no docstring"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is not None, f"{name} has no return type"
            arguments = [a for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in {"self", "cls"}]
            untyped = [a.arg for a in arguments if a.annotation is None]
            assert not untyped, f"{name}: no type for {untyped}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_all_is_exact(path: Path) -> None:
    module = tree(path)
    listed = next(
        (
            ast.literal_eval(n.value)
            for n in module.body
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"
        ),
        None,
    )
    defined = [
        n.name for n in module.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
    ]
    if path.name != "__init__.py" and defined:
        assert listed is not None, "the file has no __all__"
    if listed is not None:
        assert len(listed) == len(set(listed))  # ruff keeps them sorted
        assert set(defined) <= set(listed), f"not in __all__: {set(defined) - set(listed)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_downwards(path: Path) -> None:
    home = path.relative_to(ROOT).parts[0]
    for node in ast.walk(tree(path)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [node.module or ""]
        for name in names:
            other = name.split(".")[0]
            if other in ORDER and other != home:
                assert ORDER[other] < ORDER[home], f"{home} imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    code = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in MODULES}
    edges: dict[str, set[str]] = {}
    for name, path in code.items():
        targets = set()
        for node in tree(path).body:
            if isinstance(node, ast.Import):
                targets |= {a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                targets |= {f"{module}.{a.name}" if f"{module}.{a.name}" in code else module for a in node.names}
        edges[name] = {t for t in targets if t in code and t != name}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for other in sorted(edges[name]):
                visit(other, (*above, name))
            done.add(name)

    for name in sorted(edges):
        visit(name, ())


def test_every_module_can_be_imported() -> None:
    imported = set()
    for package in PACKAGES:
        home = importlib.import_module(package)
        for module in pkgutil.walk_packages(home.__path__, f"{package}."):
            imported.add(Path(str(importlib.import_module(module.name).__file__)))
    assert set(MODULES) - imported == {ROOT / package / "__init__.py" for package in PACKAGES}


def test_help_loads_neither_torch_nor_neo4j_nor_polars() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from casework.cli import app\n"
        "result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0, result.output\n"
        "print([m for m in ('torch', 'neo4j', 'polars', 'numba', 'jpype', 'lightgbm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_wheel_holds_the_four_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {*PACKAGES, "muletrail-0.1.0.dist-info"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(ROOT)) in names, f"{path.name} is not in the wheel"
    assert any(name.endswith("LICENSE") for name in names)


def test_no_file_of_the_project_names_a_host_of_a_registry_or_a_path_of_a_machine() -> None:
    words = ["py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "/ro" + "ot/", "/wo" + "rk/"]
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for name in tracked.stdout.split():
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2_000_000:
            text = path.read_bytes().decode("utf-8", "ignore")
            assert not [word for word in words if word in text], name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_depends_on_the_instructions_of_a_processor(path: Path) -> None:
    lines, drawn = path.read_text(encoding="utf-8").splitlines(), "casework" in path.parts or path.name == "plots.py"
    for node in ast.walk(tree(path)):
        line = lines[node.lineno - 1] if hasattr(node, "lineno") else ""
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow | ast.MatMult):
            ends = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            plain = (
                all(isinstance(end, ast.Constant) for end in ends) or ast.unparse(ends[1]) == "2"
            )  # a square is exact
            assert plain or drawn or "of whole numbers" in line, f"line {node.lineno}: {ast.unparse(node)}"
        if not isinstance(node, ast.Attribute):
            continue
        if (ast.unparse(node.value) == "np" or node.attr == "dot") and not drawn:
            assert node.attr not in UNLIKE, f"line {node.lineno}: {node.attr}; see graphml/elementary.py"
        if node.attr in {"argsort", "argpartition"}:  # equals are put in another order by another processor
            steady = 'kind="stable"' in line or 'kind="mergesort"' in line
            assert steady or "any order" in line, f'line {node.lineno}: say kind="stable"'
