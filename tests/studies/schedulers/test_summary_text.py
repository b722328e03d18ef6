"""Conclusions are sentences made of the numbers, and of nothing that is not there."""

from qfl.studies.schedulers.summary_text import conclusions, headline, number, paces


def method(value, percent, round_time_s=2.0):
    return {"value_mbps": {"mean": value}, "percent_of_bound": percent, "seconds": 0.5, "round_time_s": round_time_s}


METHODS = {
    "qaoa_bcd": method(60.0, 60.0),
    "matching_dump_1opt": method(80.0, 80.0, None),
    "bcd_exact": method(62.0, 62.0),
}
NUMBERS = {
    "methods": METHODS,
    "claims": [{"quantum": "qaoa_bcd", "classical": "sca_final", "gain_percent": 35.4}],
    "paper": {"gain_percent": 35.0},
    "round_time": {"tdma_lpt_s": {"mean": 3.0}},
    "failures": [{"method": "greedy", "seed": 2, "case": "main", "error": "ValueError: no"}],
}


def test_the_headline_names_what_qaoa_and_the_cheap_recipe_reach():
    said = headline(NUMBERS)
    assert said.startswith("Of the certified bound, QAOA reaches 60.0 % in") and "matching with 1-opt 80.0 %" in said
    longer = NUMBERS | {"methods": METHODS | {"qaoa_bcd_3000": method(70.0, 70.0)}}
    assert "QAOA reaches 70.0 %" in headline(longer)
    assert headline(NUMBERS | {"methods": {}}) == "No method has a share of the certified bound"


def test_each_conclusion_has_its_numbers():
    said = conclusions(NUMBERS)
    assert said[0].startswith("greedy has no value on instance 2 of the main case (ValueError: no); its figures")
    assert said[1].startswith("The paper's +35 % depends on the SCA it is measured against: 150 blocks of QAOA are +35")
    assert said[1].endswith("and -25 % over matching_dump_1opt.")
    assert "80.0 % of the bound, is that of matching_dump_1opt." in said[2]
    assert "takes for ever to collect all updates" in said[3]


def test_a_gain_that_rounds_to_nothing_has_no_minus():
    level = NUMBERS | {"methods": METHODS | {"qaoa_bcd": method(79.9, 79.9)}}
    assert any(sentence.endswith("and +0 % over matching_dump_1opt.") for sentence in conclusions(level))


def test_what_qaoa_adds_is_said_only_beside_enumeration_and_uniform_samples():
    assert not any("same 150 blocks" in sentence for sentence in conclusions(NUMBERS))
    beside = NUMBERS | {"methods": METHODS | {"bcd_sampling": method(58.0, 58.0)}}
    assert any(
        "QAOA reaches 60.0 % of the bound, enumeration 62.0 %, and the best of as many uniform samples 58.0 %" in each
        for each in conclusions(beside)
    )


def test_without_a_paper_nothing_is_said_of_one():
    assert not any("paper" in sentence for sentence in conclusions(NUMBERS | {"paper": {"gain_percent": None}}))


def test_faster_and_slower_are_told_as_a_paper_would():
    def pace(ours, theirs):
        return {"ours": ours, "theirs": theirs, "faster_percent": 100 * (1 - ours / theirs) if theirs else None}

    claim = {
        "pace": {"a": pace(60, 100), "b": pace(150, 100), "c": pace(400, 100), "d": pace(2000, 100), "e": pace(5, 0)}
    }
    assert paces(claim) == ["40 % faster", "50 % slower", "4 times slower", "20 times slower", "SCA begins there"]


def test_a_number_that_is_not_known_is_a_dash():
    assert number(None, "{:.3f}") == "\N{EN DASH}" and number(0.0, "{:.3f}") == "0.000"
