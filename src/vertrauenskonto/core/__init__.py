"""The nouns and rules of trust: frozen values and pure functions.

Lives here: everything that could be argued about in a meeting or looked up in a paper.
May import: the standard library; numpy and scipy only in `survey`, `stats`, `effects`, `reputation`.
Never: files, network, environment, clock, randomness, logging, a framework, another package of ours.
"""
