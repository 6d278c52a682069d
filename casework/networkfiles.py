"""Write a ring as GraphML and GEXF without losing a payment, a digit or a time.

Other writers merge parallel payments, round amounts and drop times (Gephi issues 1345 and 2038, NetworkX issues
2921 and 4024). Here each transaction is an edge with an id of its own, an amount is both its exact text and a
double, a time is both ISO 8601 text and epoch milliseconds, and every attribute has a declared type.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET  # only written here, never parsed

from casework.layout import Layout
from casework.palette import shape_of
from graphml.evidence import Evidence

__all__ = ["gexf", "graphml"]

_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_GEXF = "http://gexf.net/1.3"
_VIZ = "http://gexf.net/1.3/viz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")  # characters that XML 1.0 cannot hold
_NODE = {
    "account": "string", "bank": "string", "number": "string", "kind": "string", "country": "string", "role": "string",
    "owner": "string", "controlled_by": "string", "score": "double", "received_inside": "double",
    "paid_inside": "double", "received_across": "double", "paid_across": "double",
    "payments_received_across": "long", "payments_paid_across": "long",
}  # fmt: skip
_EDGE = {
    "transaction": "string", "time": "string", "epoch_ms": "long", "amount": "string", "amount_float": "double",
    "currency": "string", "amount_received": "string", "amount_received_float": "double",
    "currency_received": "string", "value": "double", "reference_currency": "string", "format": "string",
    "payments": "long", "until": "string",
}  # fmt: skip


def graphml(evidence: Evidence) -> bytes:
    """Return the ring as a GraphML document: a directed multigraph, node id = account, edge id = transaction."""
    root = ET.Element("graphml", {"xmlns": _GRAPHML})
    for kind, types in (("node", _NODE), ("edge", _EDGE)):
        for name, declared in types.items():
            key = {"id": f"{kind}_{name}", "for": kind, "attr.name": name, "attr.type": declared}
            ET.SubElement(root, "key", key)
    graph = ET.SubElement(root, "graph", {"id": _clean(evidence.ring["id"] or "ring"), "edgedefault": "directed"})
    for account in _nodes(evidence):
        _data(ET.SubElement(graph, "node", {"id": _clean(account["account"])}), "node", _NODE, account)
    for name, edge in _edges(evidence):
        ends = {"id": _clean(name), "source": _clean(edge["from"]), "target": _clean(edge["to"])}
        _data(ET.SubElement(graph, "edge", ends), "edge", _EDGE, edge)
    return _document(root)


def gexf(evidence: Evidence) -> bytes:
    """Return the ring as a GEXF 1.3 document with the places and colours of the drawing.

    Gephi keeps parallel edges apart only where their `kind` differs, so the second payment between two accounts
    has kind 2, and so on.
    """
    root = ET.Element("gexf", {"xmlns": _GEXF, "xmlns:viz": _VIZ, "version": "1.3"})
    graph = ET.SubElement(root, "graph", {"defaultedgetype": "directed", "mode": "static", "idtype": "string"})
    for kind, types in (("node", _NODE), ("edge", _EDGE)):
        declared = ET.SubElement(graph, "attributes", {"class": kind, "mode": "static"})
        for name, of in types.items():
            ET.SubElement(declared, "attribute", {"id": name, "title": name, "type": of})
    nodes, edges = ET.SubElement(graph, "nodes"), ET.SubElement(graph, "edges")
    places = Layout.of(evidence).places
    for account in _nodes(evidence):
        name = _clean(account["account"])
        node = ET.SubElement(nodes, "node", {"id": name, "label": name})
        _values(node, _NODE, account)
        x, y = places[account["account"]]
        red, green, blue = shape_of(account["role"]).rgb
        ET.SubElement(node, "viz:position", {"x": f"{x:.1f}", "y": f"{-y:.1f}", "z": "0.0"})
        ET.SubElement(node, "viz:color", {"r": str(red), "g": str(green), "b": str(blue)})
    parallel: Counter[tuple[str, str]] = Counter()
    for name, edge in _edges(evidence):
        ends = (edge["from"], edge["to"])
        parallel[ends] += 1
        about = {
            "id": _clean(name), "source": _clean(ends[0]), "target": _clean(ends[1]), "type": "directed",
            "label": _clean(f"{edge['amount']} {edge['currency'] or ''}".strip()), "kind": str(parallel[ends]),
            "weight": repr(edge["value"]),
        }  # fmt: skip
        _values(ET.SubElement(edges, "edge", about), _EDGE, edge)
    return _document(root)


def _nodes(evidence: Evidence) -> Iterator[Mapping[str, Any]]:
    yield from evidence.accounts.to_dicts()
    known = set(evidence.accounts["account"])
    # A transaction may have an end that is no member (cash, an outside payee); it is a node without a role.
    ends = {*evidence.transactions["from"], *evidence.transactions["to"]}
    yield from ({"account": name, "role": ""} for name in sorted(ends - known))


def _edges(evidence: Evidence) -> Iterator[tuple[str, Mapping[str, Any]]]:
    seen: Counter[str] = Counter()
    for row in evidence.transactions.to_dicts():
        seen[row["id"]] += 1
        name = row["id"] if seen[row["id"]] == 1 else f"{row['id']}#{seen[row['id']]}"
        moment = datetime.fromisoformat(row["time"])
        yield (
            name,
            {
                **row,
                "transaction": row["id"],
                "epoch_ms": (moment - _EPOCH) // timedelta(milliseconds=1),
                "amount_float": float(row["amount"]),
                "amount_received_float": float(row["amount_received"]) if row["amount_received"] else None,
                "reference_currency": evidence.reference_currency,
            },
        )


def _data(element: ET.Element, kind: str, types: Mapping[str, str], values: Mapping[str, Any]) -> None:
    for name in types:
        if values.get(name) is not None:
            ET.SubElement(element, "data", {"key": f"{kind}_{name}"}).text = _text(values[name])


def _values(element: ET.Element, types: Mapping[str, str], values: Mapping[str, Any]) -> None:
    box = ET.SubElement(element, "attvalues")
    for name in types:
        if values.get(name) is not None:
            ET.SubElement(box, "attvalue", {"for": name, "value": _text(values[name])})


def _text(value: str | float) -> str:
    return repr(value) if isinstance(value, float) else _clean(str(value))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
