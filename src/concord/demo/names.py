"""Names and streets for made-up people: a wide mix, written for this project."""

from typing import Final

GIVEN_FEMALE: Final = (
    "Agnes Aisha Alice Amara Anita Anna Ayesha Beatrice Bethan Brenda Bridget Carla Caroline Chidinma Chloe "
    "Christine Daisy Danuta Deepa Diane Dorothy Edith Efua Eileen Elena Ella Elsie Emma Esther Ewa Farah Fatima "
    "Florence Freya Gemma Gloria Grace Gwen Hana Hannah Harriet Hazel Hilda Imogen Irene Isla Ivy Jacqueline "
    "Jasmine Jean Joan Joyce Judith Katarzyna Kathleen Kavita Keira Lakshmi Laura Leila Lily Linda Lucy Lydia Maeve "
    "Magdalena Maria Marjorie Maryam Maureen Megan Mei Mia Miriam Monica Nadine Naomi Ngozi Niamh Nora Olive Olivia "
    "Pamela Patricia Pauline Penelope Poppy Priya Rachel Rebecca Rhiannon Rosa Ruby Ruth Sana Sandra Sarah Shabnam "
    "Sheila Siobhan Sofia Sunita Susan Sylvia Tamara Teresa Thi Valerie Vera Victoria Winifred Yasmin Yetunde "
    "Yvonne Zainab Zoe"
).split()

GIVEN_MALE: Final = (
    "Adam Ahmed Alan Albert Alexander Ali Andrew Anthony Arthur Bartosz Benjamin Bernard Brian Callum Cedric "
    "Charles Chidi Christopher Clive Colin Connor Daniel David Declan Dennis Derek Desmond Dmitri Douglas Dylan "
    "Edward Emmanuel Eric Ethan Eugene Finlay Francis Frank Frederick Gareth Geoffrey George Gerald Gordon Graham "
    "Hamza Harold Harry Hassan Henry Herbert Hugh Ian Ibrahim Imran Ivan Jack Jacob James Jamal Jerome John "
    "Jonathan Joseph Joshua Karim Keith Kenneth Kofi Kwame Lawrence Leon Leonard Lewis Liam Lloyd Luca Malcolm "
    "Marek Mark Martin Matthew Maurice Michael Minh Mohammed Nathan Neil Nikolai Noah Norman Oliver Oscar Patrick "
    "Paul Peter Philip Piotr Rajesh Ralph Raymond Reginald Rhys Richard Robert Roland Ronald Rory Samuel Sanjay "
    "Sean Sebastian Simon Stanley Stephen Stuart Suresh Tariq Terence Theo Thomas Tomasz Trevor Tunde Vikram "
    "Vincent Walter Wei William Winston Yusuf Zachary"
).split()

FAMILY: Final = (
    "Abara Abbott Achterberg Ahmed Akhtar Appleyard Arkwright Asante Ashdown Bailey Baptiste Barraclough Begum "
    "Bellamy Bhatt Birtwistle Blackwell Boateng Booth Bradshaw Brennan Broadbent Brzezicki Buckley Butterworth "
    "Byrne Carmichael Chaudhry Chen Clegg Cohen Coldwell Cooper Cowgill Crabtree Crowther Dalton Das Davies Desai "
    "Dhillon Diallo Dobson Duckworth Dunne Eastwood Eccles Edwards Entwistle Evans Farouk Fairweather Fernandes "
    "Fielding Finch Flanagan Fletcher Forsyth Fothergill Gallagher Garside Ghosh Gill Gledhill Gorski Greaves "
    "Greenwood Griffiths Gupta Hadfield Haigh Hargreaves Hartley Hassan Heaton Hepworth Higgins Hinchliffe Holt "
    "Hosseini Howarth Hussain Ibrahim Illingworth Jagger Jarvis Jones Joshi Kamara Kaur Kavanagh Kaczmarek Kershaw "
    "Khalil Kilburn Kowalski Lad Langley Larkin Lees Lewandowski Li Lister Lockwood Lomax MacDonald Mahmood Malik "
    "Marsden Mason Mbeki McCarthy McGrath Mehta Mensah Midgley Mistry Mohamud Morgan Moyo Murgatroyd Murphy Naylor "
    "Ncube Nguyen Nolan Novak Nuttall Obi Ogden Ogunleye Okafor Oldroyd Oldham Osman Owens Parekh Parkinson Parveen "
    "Patel Pearson Pickles Pilling Popescu Poskitt Quarmby Quinn Rafferty Raistrick Ramsbottom Reddy Rees Riley "
    "Roberts Rossi Rushworth Saleh Samuels Sands Schofield Shackleton Shah Sharma Sharples Siddiqui Sikora Singh "
    "Smith Stansfield Sutcliffe Sykes Tanaka Tattersall Taylor Thackray Thomas Thornton Townend Tran Turner Uddin "
    "Umar Varley Verity Vickers Waddington Walsh Wang Wardle Watanabe Whitaker Whitehead Williams Wojcik "
    "Wolstenholme Wong Woodhead Yates Yilmaz Yusuf Zaman Zielinski"
).split()

STREETS: Final = (
    "Weavers Fold",
    "Canal Row",
    "Tenter Lane",
    "Mill Brow",
    "Bobbin Street",
    "Priory Road",
    "Shuttle Close",
    "Dyehouse Lane",
    "Station Parade",
    "Chapel Hill",
    "Orchard Rise",
    "Bridge Street",
    "Reservoir View",
    "Moor Edge",
    "Larkfield Avenue",
    "Foundry Yard",
    "Market Place",
    "Gasworks Lane",
    "Meadow Bank",
    "Viaduct Terrace",
)

STREET_POSTCODES: Final = {
    street: f"NF{1 + n % 6} {2 + n % 7}{'ABDEFGHJLNPQ'[n % 12]}Z" for n, street in enumerate(STREETS)
}
