"""What is in the trees of components that the pages lay out, or that callbacks answer with."""

import json


def components(tree):
    """Every component, as the browser gets it: dicts with `type` and `props`, each before those in it."""
    stack = [json.loads(json.dumps(tree, default=lambda part: part.to_plotly_json()))]
    while stack:
        part = stack.pop()
        if isinstance(part, list):
            stack.extend(reversed(part))
        elif isinstance(part, dict) and "props" in part:
            yield part
            stack.append(part["props"].get("children"))
        elif isinstance(part, dict):  # an answer: parts by the names of their outputs
            stack.extend(reversed(part.values()))


def texts(tree):
    found = []
    for part in components(tree):
        children = part["props"].get("children")
        found += [
            child
            for child in (children if isinstance(children, list) else [children])
            if isinstance(child, str)
        ]
    return found


def rows(tree):
    """The texts of each line of a list of tickets, from the top; their facts are lists in the lines."""
    return [texts(part) for part in components(tree) if part["type"] == "Li" and "B" in kinds(part)]


def kinds(tree):
    return {part["type"] for part in components(tree)}


def hrefs(tree):
    return [part["props"]["href"] for part in components(tree) if "href" in part["props"]]
