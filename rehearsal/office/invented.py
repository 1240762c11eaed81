"""The names, places and goods from which `seed` invents the office's data. All fictional."""

_FIRST_NAMES = """
Ada Amir Bea Ben Carla Chen Dana Diego Edith Emil Farah Finn Greta Hana Hugo Ines Ivan Jana
Jonas Kaya Kofi Lena Liam Mara Milo Nadia Noah Olga Omar Petra Quinn Rosa Rafael Sara Sven Tara
Tomas Uma Victor Wanda Yara Zoe
"""
_LAST_NAMES = """
Abbott Alvarez Banks Bauer Castro Clarke Dalton Dietrich Eastman Fischer Fontaine Garcia Grant
Hansen Hayes Ibarra Jensen Kaplan Keller Lambert Larsen Maddox Meyer Nolan Novak Okafor Olsen
Park Pereira Quigley Ramos Reed Santos Schmidt Tanaka Turner Ueda Vargas Voss Walsh Weber Xu
Yates Young Zhang Zimmer
"""
_STREETS = """
Alder Birch Canal Dock Elm Foundry Garden Harbor Iron Juniper Kiln Lake Mill North Orchard Pier
Quarry River Spring Tower
"""

FIRST_NAMES = tuple(_FIRST_NAMES.split())
LAST_NAMES = tuple(_LAST_NAMES.split())
STREETS = tuple(_STREETS.split())

PLACES = (
    ("San Francisco", "CA", "94107", "America/Los_Angeles"),
    ("Oakland", "CA", "94612", "America/Los_Angeles"),
    ("Portland", "OR", "97205", "America/Los_Angeles"),
    ("Seattle", "WA", "98109", "America/Los_Angeles"),
    ("Denver", "CO", "80202", "America/Denver"),
    ("Boise", "ID", "83702", "America/Boise"),
    ("Phoenix", "AZ", "85004", "America/Phoenix"),
    ("Chicago", "IL", "60614", "America/Chicago"),
    ("Austin", "TX", "78701", "America/Chicago"),
    ("Madison", "WI", "53703", "America/Chicago"),
    ("Boston", "MA", "02118", "America/New_York"),
    ("New York", "NY", "10011", "America/New_York"),
    ("Atlanta", "GA", "30308", "America/New_York"),
    ("Pittsburgh", "PA", "15222", "America/New_York"),
)

GOODS = (
    ("Bikes", ("City Bike Seven", 64900), ("Gravel Bike Ridge", 129900)),
    ("Bikes", ("Road Bike Lark", 149900), ("Folding Bike Hop", 79900)),
    ("Bikes", ("Cargo Bike Mule", 219900), ("Kids Bike Wren", 28900)),
    ("Bikes", ("Electric City Bike", 189900), ("Touring Bike Far", 139900)),
    ("Lights", ("Front Light 60", 3950), ("Front Light 100", 5950)),
    ("Lights", ("Rear Light", 2450), ("Helmet Light", 2950)),
    ("Lights", ("Dynamo Light Set", 8950), ("Reflector Set", 950)),
    ("Locks", ("Folding Lock", 8950), ("Chain Lock", 5450)),
    ("Locks", ("Cable Lock", 1950), ("Frame Lock", 3450)),
    ("Bags", ("Pannier Pair", 11900), ("Handlebar Bag", 5900)),
    ("Bags", ("Saddle Bag", 2450), ("Frame Bag", 4450)),
    ("Bags", ("Commuter Backpack", 8900), ("Basket", 3900)),
    ("Helmets", ("City Helmet", 5950), ("Road Helmet", 10950)),
    ("Helmets", ("Kids Helmet", 3950), ("Folding Helmet", 8450)),
    ("Clothing", ("Rain Jacket", 8950), ("Rain Trousers", 5950)),
    ("Clothing", ("Winter Gloves", 3450), ("Summer Gloves", 2450)),
    ("Clothing", ("Reflective Vest", 1950), ("Overshoes", 3950)),
    ("Tools", ("Floor Pump", 4450), ("Mini Pump", 2950)),
    ("Tools", ("Multi Tool", 2450), ("Chain Tool", 1950)),
    ("Tools", ("Repair Stand", 12900), ("Tire Lever Set", 650)),
    ("Parts", ("Brake Pads", 1450), ("Chain", 2950)),
    ("Parts", ("Inner Tube", 750), ("Touring Tire", 3950)),
    ("Parts", ("Leather Saddle", 8950), ("Pedal Pair", 3450)),
    ("Parts", ("Fender Set", 4450), ("Kickstand", 1950)),
)

LOCATIONS = (
    ("sf", "San Francisco workshop", "America/Los_Angeles"),
    ("den", "Denver workshop", "America/Denver"),
    ("nyc", "New York workshop", "America/New_York"),
)

SERVICES = (
    ("tune_up", "Tune-up", 60, 8900),
    ("flat_repair", "Flat tire repair", 30, 2500),
    ("brake_service", "Brake service", 60, 6500),
    ("full_service", "Full service", 120, 18900),
    ("bike_fitting", "Bike fitting", 90, 12900),
)
