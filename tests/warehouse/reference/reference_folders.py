"""A small reference set to spoil: three classes, a range with leading zeros, one kind of each sort."""

from pathlib import Path

import pytest

from warehouse.errors import ReferenceSetError
from warehouse.reference.sets import TRAITS, load_reference

GOOD = {
    "source.toml": """name = "tiny"
title = "Tiny bank"
primary_window = "annual"
[columns]
transaction_id = "id"
customer_id = "who"
booked_at = "when"
amount = "sum"
currency = ""
source_code = "code"
[amount]
money_out = "positive"
decimal = ","
maximum = 5000
[date]
formats = ["%d.%m.%Y"]
earliest = 2015-01-01
[currency]
expected = "CHF"
[codes]
system = "mcc+bank"
[csv]
delimiter = ";"
encoding = "latin-1"
""",
    "classes.csv": 'class_id,code,label,group\n1,pets,Pets,Home\n0,food,"Food, drink",Home\n2,fees,Fees,Bank\n',
    "source_codes.csv": "# codes\nfirst_code,last_code,class_code,kind,label\n"
    "0742,0744,pets,spend,Vets\nFEE,FEE,fees,fee,Fees\nPAY,PAY,,income,Salary\n5411,5411,food,spend,Food\n",
    "coefficients.csv": f"class_code,{','.join(TRAITS)},source\npets,1,-2,0.5,3,-3,ours\nfood,-1,1,-1,1,-1,theirs\n",
    "constraints.csv": "trait,category,class_codes,rank,source\nopenness,Pets,pets,highest-2,x\n"
    "neuroticism,Pets,pets,lowest-2,x\nagreeableness,All,pets food,positive,x\nneuroticism,All,pets food,negative,x\n",
}


def write(folder: Path, changes: dict[str, str] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (GOOD | (changes or {})).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def fault(folder: Path) -> str:
    """Return what the loader says, the folder's path left out."""
    with pytest.raises(ReferenceSetError) as caught:
        load_reference(folder)
    return str(caught.value).replace(f"{folder}/", "")
