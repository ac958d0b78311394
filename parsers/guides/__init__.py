"""The implementation guides this project carries, in pyx12's map format, as package data.

The folder is a complete ``map_path`` for pyx12, which looks for everything in the one folder it is given and falls
back on nothing of its own:

* ``maps.xml`` says which guide belongs to which ISA12, GS01, GS08 (and BHT02, for the 278's two directions);
* one file a guide, named as pyx12 names its own: transaction set, version, guide, amendment;
* ``x12.control.00501.xml``, the map of the interchange before its first GS has named a guide;
* ``dataele.xml``, type and lengths of each data element that occurs in a guide;
* ``codes.xml``, the code lists kept outside the guides (service types, places of service, claim status, states,
  countries). A guide refers to one by ``<valid_codes external="...">``.

Structure, usage, repeats, codes and short names only. A repeating data element has the format's ``<repeat>``; pyx12
reads that of a composite but not that of a simple element, and takes ``30^35`` in EQ01 or EB03 for one bad code.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""What pyx12 wants, as ``str(FOLDER)``, for ``map_path``."""
