import parcel
import parcel.util
import util

import json.decoder

print(parcel.part.part(), parcel.util.util(), util.util(), json.loads("[1]"))
