"""The page on adopting, followed word by word in a copy of the guide's project."""

from test_tutorial import tutorial

PAGE = tutorial.ADOPTING.read_text("utf-8")
BLOCKS = list(tutorial.blocks(PAGE))


def test_every_command_prints_what_the_page_shows(tmp_path):
    folder = tutorial.example(tmp_path)
    for block in BLOCKS:
        printed = tutorial.follow(block, folder)
        if block["command"]:
            again = "run python scripts/update_tutorial.py"
            assert printed == block["shown"], f"{block['command']}: {again}"


def test_the_page_tells_of_debt_of_a_waiver_and_of_a_regression_that_is_caught():
    shown = [block["shown"].splitlines()[-1] for block in BLOCKS if block["command"]]
    assert "0 errors, 0 warnings" in shown[1]
    assert "1 waived" in shown[4]
    assert "1 error, 0 warnings" in shown[6]
    assert "0 errors, 0 warnings" in shown[7]


def test_nothing_on_the_page_is_left_out():
    assert PAGE.count("```sh") + PAGE.count("```console") == len(BLOCKS)
