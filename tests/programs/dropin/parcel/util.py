def util():
    return "the parcel's"
