"""What the page itself says; all else in it comes from the standard and from the files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kerp_policy.i18n import gettext, language

ENGLISH = {
    "title": "kerp-policy report",
    "skip": "Skip to the content",
    "contents": "Contents",
    "dark": "Dark",
    "summary": "Summary",
    "findings": "Findings",
    "clauses": "Clauses",
    "controls": "Controls",
    "environments": "Environments",
    "owners": "Owners",
    "estate": "Estate",
    "not_judged_files": "Not judged",
    "reading": "How to read this",
    "fail": "fail",
    "unverified": "unverified",
    "debt": "debt",
    "waived": "waived",
    "pass": "pass",
    "not_applicable": "not applicable",
    "not_judged": "not judged",
    "error": "error",
    "warning": "warning",
    "info": "info",
    "in_part": "in part",
    "means_fail": "breaks the standard",
    "means_unverified": "files do not show it",
    "means_debt": "was there before, accepted by the baseline",
    "means_waived": "accepted for a reason and a time",
    "means_pass": "things that were looked at and are right",
    "means_not_applicable": "things that a policy has no say about",
    "crashed": "Not all checks came to their end, so this page is incomplete:",
    "older": "Only what a change brings is shown; {count} older failures are not.",
    "fixed": "{count} entries of the baseline are no longer needed.",
    "brought": "Brought by this change and not counted, since {ref} is trusted:",
    "chart": "Clauses of the standard by section and verdict",
    "chart_table": "The chart as a table",
    "section": "Section",
    "all": "all",
    "search": "Search",
    "search_hint": "message, file, policy, line of code",
    "verdict": "Verdict",
    "severity": "Severity",
    "environment": "Environment",
    "owner": "Owner",
    "clause": "Clause",
    "control": "Control",
    "policy": "Policy",
    "file": "File",
    "filters": "Filter the findings",
    "any": "any",
    "clear": "Clear",
    "shown": "{shown} of {all} findings shown",
    "nothing_found": "Nothing was found.",
    "nothing_matches": "No finding matches.",
    "line": "line {line}",
    "see": "See",
    "help": "Help",
    "reason": "Reason",
    "until": "until {date}",
    "by": "by {owner}",
    "address": "Address",
    "supports": "Controls",
    "asks": "What it asks for",
    "decided_by": "Decided by",
    "beyond": "Beyond the standard",
    "beyond_note": "Policies that no clause of the standard asks for.",
    "elsewhere": "what fails is told with its cause, or was there before a change",
    "left_open": "No policy decides yet",
    "pending": "Not yet decided by a policy: {what}",
    "undecidable": "Files do not show: {what}",
    "version": "version {version}",
    "no_environment": "none known",
    "nobody": "nobody",
    "no_codeowners": "The repository has no CODEOWNERS file.",
    "files": "Files",
    "files_clean": "Files without findings",
    "columns_note": "Pass and not applicable count things that were looked at;"
    " the other columns count findings.",
    "owner_note": "By CODEOWNERS; a file with several owners counts for each.",
    "estate_note": "What leads to what, and where a policy about several files has found"
    " something.",
    "elsewhere_node": "not in the project",
    "shown_elsewhere": "shown elsewhere",
    "more": "{count} more are not shown; kerp-policy graph has them all.",
    "no_estate": "Nothing in the files leads to anything else.",
    "expand": "Open all",
    "collapse": "Close all",
    "reading_pass": "Pass means that every thing in the files that the policies ask about is as"
    " they ask. It says nothing about a cluster, an account or a person.",
    "reading_part": "In part means that policies decide only some of it; what is left is named"
    " beside it.",
    "reading_unverified": "Unverified is no pass: the files cannot show it, and somebody has to"
    " look elsewhere.",
    "reading_waived": "Waived and debt are breaches that somebody has accepted: waived for a"
    " reason and a time, debt because it was there before.",
    "reading_not_judged": "Not judged means that nothing was looked at: no policy of this"
    " run speaks about it, or there is nothing that one speaks about.",
    "made_by": "Made by kerp-policy {version}.",
}
"""By name; `{…}` is filled in where they are used."""

AUDIT = {
    "title": "kerp-policy audit",
    "repositories": "Repositories",
    "repository": "Repository",
    "unjudged": "not judged",
    "policies": "Policies",
    "each": "Each repository",
    "standards": "Standards that judged, with how many repositories",
    "shared": "All were held to the standard of {folder}.",
    "no_standard": "none: no repository was judged",
    "tolerated": "does not fail",
    "empty": "nothing to check",
    "means_pass": "nothing is open, accepted or uncertain",
    "means_tolerated": "something is left that does not fail, or was accepted",
    "means_empty": "no artifact lies there",
    "means_unjudged": "or not by every check",
    "alarm": "{count} of {all} repositories were not judged, or not by every check.",
    "see_why": "See which and why",
    "unjudged_note": "What is told of these elsewhere on this page is not all that there may be.",
    "all_judged": "Every repository was judged by every check.",
    "repositories_note": "Those that were not judged first, then those with the most errors.",
    "files_not_judged": "files not judged",
    "crashes": "checks crashed",
    "clauses_note": "In how many repositories a clause comes to which verdict: of all that its"
    " policies find there, the one that needs attention most.",
    "several_texts": "Standards of this audit ask for different things by this number.",
    "no_text": "The standards of this audit have no such clause.",
    "no_clauses": "No repository was judged by a standard with clauses.",
    "policies_note": "Those that fail, the one that most repositories break first.",
    "broken_by": "Who breaks it, with the number of findings",
    "held_to": "held to {title} ({profile})",
    "nothing_to_check": "There was nothing to check: no artifact lies there.",
    "reading_repository": "A repository fails where something is open at or above the severity"
    " that fails. Where something is left that does not, its numbers tell what.",
    "reading_clause": "Clauses count repositories, the other tables findings. Where repositories"
    " choose standards of their own, one number may mean two things.",
    "reading_first": "Of each policy the first place that fails is shown;"
    " kerp-policy check tells all of them in the repository itself.",
}
"""What only the page of an audit says, or says otherwise."""


def words(own: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The page's own words by name, in the language that is spoken, and which one that is.

    Args:
        own: what this page says otherwise than that of a run.
    """
    said = {**ENGLISH, **own}
    return {"language": language(), **{name: gettext(text) for name, text in said.items()}}
